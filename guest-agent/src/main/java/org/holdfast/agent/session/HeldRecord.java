package org.holdfast.agent.session;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.holdfast.proto.agent.v1.HeldNote;
import org.holdfast.proto.agent.v1.HeldSocket;

/**
 * The ticket and what it is for, kept in a file as long as the host speaks for connections, so that
 * the next agent can go on if this one dies. It holds the ticket's secret: only root may read it.
 */
public final class HeldRecord {
  private static final Logger LOGGER = System.getLogger(HeldRecord.class.getName());

  private final Path file;

  /**
   * @param file on a file system that is the guest's memory, and that a reboot empties
   */
  public HeldRecord(Path file) {
    this.file = file;
  }

  /**
   * Replaces what was noted before. A failure is logged: the note is missed only if this agent
   * dies.
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
    try {
      Path whole = file.resolveSibling(file.getFileName() + ".new");
      Files.createDirectories(whole.toAbsolutePath().getParent());
      Files.deleteIfExists(whole);
      Files.createFile(
          whole,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (OutputStream out = Files.newOutputStream(whole)) {
        note.build().writeTo(out);
      }
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
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

  /** What an earlier agent noted and did not give back. */
  Optional<HeldNote> leftOver() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(HeldNote.parseFrom(Files.readAllBytes(file)));
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot read what the host held for an earlier agent: " + e);
      return Optional.empty();
    }
  }
}
