package org.holdfast.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.LocalSocket;

/** The Unix socket as a file: left over by a crash, and open to those who may have a role. */
final class SocketFile {
  /** sun_path of unix(7) has 108 bytes, one of them is the end. */
  private static final int LONGEST_PATH = 107;

  private final Path path;
  private final boolean forUsers;

  /**
   * @param forUsers whether anybody but root has a role; which one is decided call by call
   */
  SocketFile(LocalSocket socket, boolean forUsers) {
    this.path = socket.path();
    this.forUsers = forUsers;
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
   * Lets in whoever may have a role: all users of this host, or root alone.
   *
   * @throws ConfigurationException the file's mode cannot be set
   */
  void admit() throws ConfigurationException {
    try {
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(forUsers ? "rw-rw-rw-" : "rw-------"));
    } catch (IOException refused) {
      throw new ConfigurationException("Cannot set the mode of " + path + ": " + refused, refused);
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
