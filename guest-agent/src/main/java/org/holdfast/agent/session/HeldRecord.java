package org.holdfast.agent.session;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.holdfast.proto.agent.v1.HeldNote;
import org.holdfast.proto.agent.v1.HeldSocket;

/**
 * The ticket and what it is for, kept in a file as long as the host speaks for connections, so that
 * the next agent can go on if this one dies. It holds the ticket's secret: only root may read it.
 */
public final class HeldRecord {
  private static final Logger LOGGER = System.getLogger(HeldRecord.class.getName());

  private static final Set<PosixFilePermission> ROOT_ALONE =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final Path file;

  /**
   * @param file on a file system that is the guest's memory, and that a reboot empties
   */
  public HeldRecord(Path file) {
    this.file = file;
  }

  /** Makes the file, empty: in a blackout nothing is left to do but to fill it. */
  void prepare() {
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.createFile(file, PosixFilePermissions.asFileAttribute(ROOT_ALONE));
      }
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot make the note of what the host holds: " + e);
    }
  }

  /**
   * Notes what is held now. A failure is logged: the note is missed only if this agent dies.
   *
   * @param probesBefore net.ipv4.tcp_retries2 as it was, empty if it was not changed
   */
  void write(Held.Exported exported, String probesBefore) {
    HeldNote.Builder note =
        HeldNote.newBuilder()
            .setTicket(exported.ticket())
            .setFreezeBoundMillis((int) exported.freezeBound().toMillis())
            .setProbesBefore(probesBefore);
    for (HeldConnection connection : exported.connections()) {
      note.addSockets(
          HeldSocket.newBuilder()
              .setConnection(connection.index())
              .setId(connection.id())
              .setInode(connection.inode())
              .setUserTimeoutMillis(connection.userTimeoutMillis()));
    }
    prepare();
    try {
      Files.write(file, note.build().toByteArray());
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot note what the host holds: " + e);
    }
  }

  /** Nothing is held any more. */
  void clear() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot remove the note of what the host held: " + e);
    }
  }

  /** What an earlier agent noted and did not give back; one that died at it noted nothing. */
  Optional<HeldNote> leftOver() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(HeldNote.parseFrom(Files.readAllBytes(file))).filter(HeldNote::hasTicket);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot read what the host held for an earlier agent: " + e);
      return Optional.empty();
    }
  }
}
