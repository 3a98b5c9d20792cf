package org.holdfast.transport;

import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import org.holdfast.configuration.ConfigurationReader;

/** Where a daemon is called. */
public sealed interface DaemonAddress {

  /** On this host, through its Unix socket. */
  record Local(Path socket) implements DaemonAddress {
    @Override
    public String toString() {
      return "unix:" + socket;
    }
  }

  /** Through TCP, with mutual TLS. */
  record Remote(String host, int port) implements DaemonAddress {
    @Override
    public String toString() {
      return HostAndPort.fromParts(host, port).toString();
    }
  }

  /**
   * @param text "unix:/path", "/path", "host", "host:port" or "[2001:db8::1]:port"
   * @throws IllegalArgumentException it is none of these; the message says so
   */
  static DaemonAddress parse(String text) {
    String path = text.startsWith("unix:") ? text.substring("unix:".length()) : text;
    if (path.startsWith("/")) {
      return new Local(Path.of(path));
    }
    try {
      HostAndPort address = HostAndPort.fromString(text);
      if (!address.getHost().isEmpty() && !text.startsWith("unix:") && !text.contains("/")) {
        return new Remote(
            address.getHost(), address.getPortOrDefault(ConfigurationReader.USUAL_PORT));
      }
    } catch (IllegalArgumentException malformed) {
      // Said below, with the forms that are right.
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is no daemon's address: give unix:/path, host or host:port");
  }
}
