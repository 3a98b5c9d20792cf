package org.holdfast.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.LocalSocket;

/** The Unix socket as a file: left over by a crash, and open to the right people only. */
final class SocketFile {
  /** sun_path of unix(7) has 108 bytes, one of them is the end. */
  private static final int LONGEST_PATH = 107;

  private final Path path;
  private final String group;

  SocketFile(LocalSocket socket) {
    path = socket.path();
    group = socket.group();
  }

  /**
   * Removes a socket that nobody serves any more.
   *
   * @throws ConfigurationException somebody does, or the place is taken by something else
   */
  void makeWay() throws ConfigurationException {
    if (path.toString().length() > LONGEST_PATH) {
      throw new ConfigurationException(
          "socket.path is longer than the " + LONGEST_PATH + " bytes a Unix socket can have.");
    }
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      if (!Files.exists(path)) {
        return;
      }
      if (isServed()) {
        throw new ConfigurationException(
            "Another holdfastd serves " + path + "; stop it first (systemctl stop holdfastd).");
      }
      Files.delete(path);
    } catch (IOException refused) {
      throw new ConfigurationException("Cannot make the socket " + path + ": " + refused, refused);
    }
  }

  private boolean isServed() throws ConfigurationException {
    if (Files.isRegularFile(path) || Files.isDirectory(path)) {
      throw new ConfigurationException(
          "socket.path: " + path + " is there and is no socket; name another place.");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException refused) {
      return false;
    }
  }

  /**
   * Lets owner and group in, mode 0660.
   *
   * @throws ConfigurationException the group is unknown
   */
  void admit() throws ConfigurationException {
    try {
      if (!group.isEmpty()) {
        GroupPrincipal principal =
            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(principal);
      }
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    } catch (UserPrincipalNotFoundException unknown) {
      throw new ConfigurationException(
          "socket.group: there is no group \"" + group + "\" on this host; make it with groupadd.",
          unknown);
    } catch (IOException refused) {
      throw new ConfigurationException(
          "Cannot open " + path + " to its group: " + refused, refused);
    }
  }

  void remove() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException harmless) {
      // The next start makes way for itself.
    }
  }
}
