package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.HostNetwork;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.holdfast.wire.MacAddress;

/**
 * A network of its own, apart from the host's, with a bridge and a VM's port on it that leads
 * nowhere: there a daemon that has just started can take over and give back, so that the first
 * takeover that counts meets code that has run before.
 */
public final class RehearsalNetwork implements AutoCloseable {
  private static final String BRIDGE = "br0";
  private static final String TAP = "vnet0";

  /** Addresses of RFC 5737 and RFC 7042: nobody's. */
  private static final String ADDRESS = "192.0.2.1";

  private static final String PEER = "192.0.2.2";
  private static final String MAC = "00:00:5e:00:53:01";
  private static final int PREFIX_LENGTH = 24;
  private static final int MTU = 1500;
  private static final int PORT = 80;
  private static final int FIRST_PEER_PORT = 40_000;

  /** Even: of a clock that counts milliseconds. */
  private static final int TIMESTAMP = 2;

  private final NetworkNamespace namespace;
  private final HostNetwork network;

  private RehearsalNetwork(NetworkNamespace namespace, HostNetwork network) {
    this.namespace = namespace;
    this.network = network;
  }

  /**
   * Makes it.
   *
   * @throws org.holdfast.takeover.TakeoverException if this host cannot make such networks; it
   *     could then not take over either
   */
  public static RehearsalNetwork create() {
    NetworkNamespace namespace = NetworkNamespace.create(OwnNames.random().namespace());
    try (NamespaceThread inside = namespace.startThread("rehearsal")) {
      inside.call(
          () -> {
            new IpBatch()
                .add("link add %s type bridge", BRIDGE)
                .add("link add %s type veth peer name nowhere", TAP)
                .add("link set %s master %s", TAP, BRIDGE)
                .add("link set %s up", BRIDGE)
                .add("link set nowhere up")
                .add("link set %s up", TAP)
                .run();
            return true;
          });
      return new RehearsalNetwork(namespace, LinuxHostNetwork.in(namespace));
    } catch (RuntimeException failure) {
      namespace.delete();
      throw failure;
    }
  }

  /**
   * The other ends of connections that are to be taken over. Before there are any, nobody has their
   * address: a host that knew of no such connection would reset it.
   *
   * @param theirs the VM's ends, of {@link #connections}
   * @throws org.holdfast.tcp.TcpRepairException if this host cannot make such sockets
   */
  public RehearsalPeers peers(List<TcpSnapshot> theirs) {
    try (NamespaceThread inside = namespace.startThread("rehearsal-peers")) {
      return inside.call(
          () -> {
            new IpBatch()
                .add("address replace %s/%d dev %s", PEER, PREFIX_LENGTH, BRIDGE)
                .add("neigh replace %s lladdr %s dev %s", ADDRESS, MAC, BRIDGE)
                .run();
            return RehearsalPeers.of(theirs);
          });
    }
  }

  /** What takes over in it. */
  public HostNetwork network() {
    return network;
  }

  /** The one interface of the VM there. */
  public VmInterface vmInterface() {
    return new VmInterface(
        new HostPort(MacAddress.of(MAC), BRIDGE, TAP),
        MTU,
        List.of(new InterfaceAddress(address(ADDRESS), PREFIX_LENGTH)),
        List.of(),
        List.of());
  }

  /**
   * The VM's ends of so many connections with its {@link #peers}, which nobody has.
   *
   * @param unsentBytes that wait in the send queue of each
   */
  public List<TcpSnapshot> connections(int count, int unsentBytes) {
    return IntStream.range(0, count).mapToObj(i -> connection(i, unsentBytes)).toList();
  }

  private static TcpSnapshot connection(int number, int unsentBytes) {
    return new TcpSnapshot(
        SocketFamily.IPV4,
        new InetSocketAddress(address(ADDRESS), PORT),
        new InetSocketAddress(address(PEER), FIRST_PEER_PORT + number),
        TcpState.ESTABLISHED,
        1_000,
        2_000,
        unsentBytes,
        unsentBytes,
        0,
        new NegotiatedOptions(true, true, true, 7, 7, 1448, false),
        TIMESTAMP,
        new TcpWindow(2_000, 65_536, 65_536, 65_536, 2_000),
        new RoundTripTime(1_000, 500),
        "",
        false,
        false,
        0,
        0);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("a literal address needs no resolving", e);
    }
  }

  @Override
  public void close() {
    network.close();
    namespace.delete();
  }
}
