package org.holdfast.migration.run;

import com.google.common.net.HostAndPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;

/**
 * Where a domain is to go.
 *
 * @param uri libvirt's, as the operator gave it
 * @param host of that URI
 * @param daemon host:port of the daemon there
 */
record Destination(String uri, String host, String daemon) {
  /** The daemons' usual port. */
  static final int DAEMON_PORT = 16550;

  /**
   * @param uri libvirt URI, e.g. qemu+tcp://kvm2/system
   * @param daemon host:port, empty for the URI's host and the usual port
   * @throws HoldfastException INVALID_DESTINATION_URI
   */
  static Destination of(String uri, Optional<String> daemon) {
    URI parsed = parse(uri);
    String host = parsed.getHost();
    if (host == null || host.isEmpty()) {
      throw new HoldfastException(
          ErrorCode.INVALID_DESTINATION_URI,
          "The destination \"%s\" names no host.".formatted(uri));
    }
    if (!String.valueOf(parsed.getScheme()).startsWith("qemu")) {
      throw new HoldfastException(
          ErrorCode.INVALID_DESTINATION_URI,
          "The destination \"%s\" is not a QEMU/KVM host.".formatted(uri));
    }
    return new Destination(uri, host, daemon.orElse(host + ":" + DAEMON_PORT));
  }

  /** What the certificate of the daemon there names. */
  String daemonHost() {
    return hostOf(daemon);
  }

  /** The host of host:port. */
  static String hostOf(String daemon) {
    return HostAndPort.fromString(daemon).getHost();
  }

  private static URI parse(String uri) {
    try {
      return new URI(uri);
    } catch (URISyntaxException e) {
      throw new HoldfastException(
          ErrorCode.INVALID_DESTINATION_URI,
          "The destination \"%s\" is not a URI: %s.".formatted(uri, e.getReason()),
          ErrorCode.INVALID_DESTINATION_URI.usualRemedy(),
          e);
    }
  }
}
