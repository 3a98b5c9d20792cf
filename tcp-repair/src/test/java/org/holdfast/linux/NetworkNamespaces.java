package org.holdfast.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.tcp.SocketFamily;

/**
 * A network of this machine's own: a switch with three ports. The guest and the holder have the
 * same MAC and IP addresses, as in a takeover; the holder's port starts fenced.
 *
 * <pre>
 *   GUEST  eth0 ---- guest  +--------+
 *   HOLDER eth0 ---- holder | bridge | peer ---- eth0 PEER
 *                           +--------+
 * </pre>
 */
public final class NetworkNamespaces implements AutoCloseable {
  /** Who has a namespace and a port of the switch. */
  public enum Place {
    GUEST,
    HOLDER,
    PEER;

    String port() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String GUEST_MAC = "52:54:00:aa:bb:01";
  private static final String PEER_MAC = "52:54:00:aa:bb:02";

  /** The holder speaks for connections it has, and is silent about those it has not. */
  private static final String NO_FIN_NO_RESET =
      "table inet quiet { chain output { type filter hook output priority 0;"
          + " oifname eth0 tcp flags & (fin | rst) != 0 drop; }; }";

  private final String prefix =
      "hf" + ProcessHandle.current().pid() + "x" + COUNT.incrementAndGet();
  private final List<NetworkNamespace> made = new ArrayList<>();
  private final Map<Place, NamespaceThread> threads = new EnumMap<>(Place.class);

  public NetworkNamespaces() {
    try {
      NetworkNamespace switches = make("switch");
      for (Place place : Place.values()) {
        NetworkNamespace namespace = make(place.port());
        threads.put(place, namespace.startThread(namespace.name()));
      }
      ip(switches.name(), "link add bridge type bridge\nlink set bridge up\n");
      for (Place place : Place.values()) {
        wire(place, switches.name());
      }
      fence(Place.HOLDER);
      rules(Place.HOLDER, NO_FIN_NO_RESET);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private NetworkNamespace make(String name) {
    NetworkNamespace namespace = NetworkNamespace.create(prefix + name);
    made.add(namespace);
    return namespace;
  }

  private void wire(Place place, String switches) {
    String mac = place == Place.PEER ? PEER_MAC : GUEST_MAC;
    String host = place == Place.PEER ? "2" : "1";
    String name = prefix + place.port();
    // Quiet IPv6: no router solicitations, no duplicate address detection.
    sysctl(place, "net/ipv6/conf/default/accept_dad", "0");
    sysctl(place, "net/ipv6/conf/default/router_solicitations", "0");
    ip(
        name,
        ("link set lo up\n"
                + "link add eth0 address %s type veth peer name %s netns %s\n"
                + "link set eth0 up\n"
                + "addr add 10.77.0.%s/24 dev eth0\n"
                + "addr add fd00:77::%s/64 dev eth0 nodad\n")
            .formatted(mac, place.port(), switches, host, host));
    ip(switches, "link set %1$s master bridge\nlink set %1$s up\n".formatted(place.port()));
  }

  private static void ip(String namespace, String commands) {
    Commands.run(commands, "ip", "-n", namespace, "-batch", "-");
  }

  /** A thread that lives there. */
  public NamespaceThread in(Place place) {
    NamespaceThread thread = threads.get(place);
    if (thread == null) {
      throw new IllegalStateException("closed");
    }
    return thread;
  }

  /** The name under /run/netns. */
  public String nameOf(Place place) {
    return prefix + place.port();
  }

  /** The address of a place in a family; guest and holder have the same. */
  public static InetSocketAddress address(Place place, SocketFamily family, int port) {
    String host = place == Place.PEER ? "2" : "1";
    String text = family == SocketFamily.IPV6 ? "fd00:77::" + host : "10.77.0." + host;
    return new InetSocketAddress(parse(text), port);
  }

  private static InetAddress parse(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(text, e);
    }
  }

  /** Nothing passes the port any more. */
  public void fence(Place place) {
    portState(place, 0);
  }

  /** Frames pass again, and the switch learns at once where the MAC address is. */
  public void open(Place place) {
    portState(place, 3);
    announce(place);
  }

  private void portState(Place place, int state) {
    Commands.run(
        "link set dev " + place.port() + " state " + state + "\n",
        "bridge",
        "-n",
        prefix + "switch",
        "-batch",
        "-");
  }

  /** Gratuitous ARP, broadcast. */
  private void announce(Place place) {
    ByteBuffer frame = ByteBuffer.allocateDirect(60);
    byte[] mac = parseMac(place == Place.PEER ? PEER_MAC : GUEST_MAC);
    byte[] address = address(place, SocketFamily.IPV4, 0).getAddress().getAddress();
    frame.put(new byte[] {-1, -1, -1, -1, -1, -1}).put(mac).putShort((short) 0x0806);
    frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    frame.putShort((short) 1).put(mac).put(address).put(new byte[6]).put(address);
    in(place)
        .call(
            () -> {
              try (PacketSocket socket =
                  PacketSocket.open(NetworkInterfaces.index("eth0"), 1 << 16, true, List.of())) {
                return socket.send(frame.rewind());
              }
            });
  }

  private static byte[] parseMac(String text) {
    byte[] mac = new byte[6];
    for (int i = 0; i < mac.length; i++) {
      mac[i] = (byte) Integer.parseInt(text.substring(3 * i, 3 * i + 2), 16);
    }
    return mac;
  }

  /** Sets a sysctl of that namespace, named by its path under /proc/sys. */
  public void sysctl(Place place, String path, String value) {
    in(place)
        .call(
            () -> {
              try {
                return Files.writeString(Path.of("/proc/sys", path), value);
              } catch (IOException e) {
                throw new UncheckedIOException(path, e);
              }
            });
  }

  /** Loads nftables rules in that namespace. */
  public void rules(Place place, String rules) {
    Commands.run(rules, "ip", "netns", "exec", nameOf(place), "nft", "-f", "-");
  }

  /** Whether an address is IPv6: for tests that build packets. */
  static boolean isInet6(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address;
  }

  @Override
  public void close() {
    threads.values().forEach(NamespaceThread::close);
    threads.clear();
    made.forEach(NetworkNamespace::delete);
    made.clear();
  }
}
