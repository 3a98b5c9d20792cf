package org.holdfast.takeover.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Nftables;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;

/**
 * A host with a bridge for each interface of its guest, and a peer on all of them; each in a
 * network namespace of its own.
 *
 * <pre>
 *   guest eth0 ---- vnet0 | br0 | uplink0 ---- eth0 peer
 *   guest eth1 ---- vnet1 | br1 | uplink1 ---- eth1 peer
 * </pre>
 *
 * <p>The guest sends with a hop limit of 61, so that on the wire it can be told from whoever plays
 * it.
 */
final class TestNetwork implements AutoCloseable {
  static final int GUEST_HOP_LIMIT = 61;

  private static final String PREFIX = "test" + ProcessHandle.current().pid();

  private final NetworkNamespace hostNamespace = NetworkNamespace.create(PREFIX + "host");
  private final NetworkNamespace guestNamespace = NetworkNamespace.create(PREFIX + "guest");
  private final NetworkNamespace peerNamespace = NetworkNamespace.create(PREFIX + "peer");
  private final NamespaceThread host = hostNamespace.startThread("test-host");
  private final NamespaceThread guest = guestNamespace.startThread("test-guest");
  private final NamespaceThread peer = peerNamespace.startThread("test-peer");
  private final int interfaces;

  TestNetwork(int interfaces) {
    this.interfaces = interfaces;
    try {
      guest.call(() -> write("ipv4/ip_default_ttl", GUEST_HOP_LIMIT));
      guest.call(() -> write("ipv6/conf/all/hop_limit", GUEST_HOP_LIMIT));
      guest.call(() -> write("ipv6/conf/default/hop_limit", GUEST_HOP_LIMIT));
      host.call(() -> run(hostCommands()));
      guest.call(() -> run(endCommands("1")));
      peer.call(() -> run(endCommands("50")));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private IpBatch hostCommands() {
    IpBatch batch = new IpBatch().add("link set lo up");
    for (int i = 0; i < interfaces; i++) {
      batch.add("link add br%d type bridge", i);
      batch.add("link set br%d up", i);
      batch.add(
          "link add vnet%d type veth peer name eth%d address %s netns %s",
          i, i, mac(i), guestNamespace.name());
      batch.add("link add uplink%d type veth peer name eth%d netns %s", i, i, peerNamespace.name());
      batch.add("link set vnet%d master br%d up", i, i);
      batch.add("link set uplink%d master br%d up", i, i);
    }
    return batch;
  }

  private IpBatch endCommands(String number) {
    IpBatch batch = new IpBatch().add("link set lo up");
    for (int i = 0; i < interfaces; i++) {
      batch.add("link set eth%d up", i);
      batch.add("address add 10.77.%d.%s/24 dev eth%d", i, number, i);
      batch.add("address add fd77:%d::%s/64 dev eth%d nodad", i, number, i);
    }
    return batch;
  }

  static boolean run(IpBatch batch) {
    batch.run();
    return true;
  }

  static boolean write(String setting, int value) {
    try {
      Files.writeString(Path.of("/proc/sys/net", setting), Integer.toString(value));
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MacAddress mac(int i) {
    return new MacAddress(0x525400770000L + i);
  }

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  NetworkNamespace guestNamespace() {
    return guestNamespace;
  }

  NetworkNamespace hostNamespace() {
    return hostNamespace;
  }

  NamespaceThread host() {
    return host;
  }

  /** Runs commands of nft(8) on the host. */
  void hostRules(String commands) {
    host.call(
        () -> {
          try (Nftables nftables = new Nftables()) {
            return nftables.run(commands);
          }
        });
  }

  NamespaceThread guest() {
    return guest;
  }

  NamespaceThread peer() {
    return peer;
  }

  /** The guest's interfaces as a daemon would describe them. */
  List<VmInterface> vmInterfaces() {
    return vmInterfaces(interfaces);
  }

  /** The same, of whatever network of so many interfaces. */
  static List<VmInterface> vmInterfaces(int interfaces) {
    List<VmInterface> described = new ArrayList<>();
    for (int i = 0; i < interfaces; i++) {
      described.add(
          new VmInterface(
              new HostPort(mac(i), "br" + i, "vnet" + i),
              1500,
              List.of(
                  new InterfaceAddress(address("10.77." + i + ".1"), 24),
                  new InterfaceAddress(address("fd77:" + i + "::1"), 64)),
              List.of(),
              List.of()));
    }
    return described;
  }

  @Override
  public void close() {
    for (NamespaceThread thread : List.of(host, guest, peer)) {
      thread.close();
    }
    for (NetworkNamespace namespace : List.of(hostNamespace, guestNamespace, peerNamespace)) {
      namespace.delete();
    }
  }
}
