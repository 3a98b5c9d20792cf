package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand connections at once. A process may have 20,000 descriptors here, so the far ends are
 * in another, and the copies are made for one half after the other.
 */
@Tag("kernel")
class TenThousandConnectionsTest {
  private static final int CONNECTIONS = 10_000;
  private static final int COPY_BUFFER_BYTES = 1 << 18;
  private static final int PORT = 7000;

  private final LinuxTcpSockets sockets = new LinuxTcpSockets();

  @Test
  void allAreKept() throws IOException, InterruptedException {
    InetSocketAddress server = NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, PORT);
    try (NetworkNamespaces network = new NetworkNamespaces();
        AppSocket listener =
            network.in(Place.GUEST).call(() -> AppSocket.listen(SocketFamily.IPV4, server))) {
      Process peer = network.in(Place.PEER).call(() -> start(server));
      try {
        List<AppSocket> guests = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
          guests.add(listener.accept(SocketFamily.IPV4));
        }
        int[] numbers = numbers(guests);
        takeOverAndBack(network, peer, guests.subList(0, CONNECTIONS / 2), guests, 1);
        takeOverAndBack(network, peer, guests.subList(CONNECTIONS / 2, CONNECTIONS), guests, 2);
        for (int i = 0; i < CONNECTIONS; i++) {
          expectEcho(guests.get(i), numbers[i]);
        }
        guests.forEach(AppSocket::close);
      } finally {
        peer.destroyForcibly().waitFor();
      }
    }
  }

  private static Process start(InetSocketAddress server) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EchoPeer.class.getName(),
            server.getAddress().getHostAddress(),
            Integer.toString(server.getPort()),
            Integer.toString(CONNECTIONS))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static int[] numbers(List<AppSocket> guests) {
    return guests.stream()
        .mapToInt(
            guest -> {
              ByteBuffer word = guest.receiveExactly(EchoPeer.WORD_BYTES);
              int number = word.getInt();
              assertThat(word.getInt()).isZero();
              return number;
            })
        .toArray();
  }

  /** While {@code taken} are held, the peer says a word on all of {@code everyone}. */
  private void takeOverAndBack(
      NetworkNamespaces network,
      Process peer,
      List<AppSocket> taken,
      List<AppSocket> everyone,
      int word)
      throws IOException, InterruptedException {
    List<RepairSocket> originals =
        taken.stream().map(guest -> sockets.adopt(guest.descriptor())).toList();
    network.fence(Place.GUEST);
    List<TcpExport> exports =
        timed("export", taken.size(), () -> exports(originals, AfterExport.LEAVE_SILENTLY));
    NamespaceThread holder = network.in(Place.HOLDER);
    List<RepairSocket> copies =
        timed("recreate", taken.size(), () -> holder.call(() -> recreate(exports)));
    network.open(Place.HOLDER);
    timed("release copies", taken.size(), () -> released(copies));
    // Only those that are held hear it now; the rest of the guest is fenced and hears it later.
    peer.getOutputStream().write('\n');
    peer.getOutputStream().flush();
    awaitReceived(copies);
    network.fence(Place.HOLDER);
    List<TcpExport> reached =
        timed("final export", taken.size(), () -> exports(copies, AfterExport.STAY_IN_REPAIR));
    copies.forEach(RepairSocket::close);
    timed("conform", taken.size(), () -> conform(originals, reached));
    network.open(Place.GUEST);
    timed("release", taken.size(), () -> released(originals));
    for (AppSocket guest : everyone) {
      ByteBuffer heard = guest.receiveExactly(EchoPeer.WORD_BYTES);
      assertThat(heard.getInt(Integer.BYTES)).isEqualTo(word);
    }
  }

  private static List<TcpExport> exports(List<RepairSocket> of, AfterExport after) {
    List<TcpExport> exports = new ArrayList<>(of.size());
    for (RepairSocket socket : of) {
      exports.add(Takeover.detached(socket.export(after)));
    }
    return exports;
  }

  private List<RepairSocket> recreate(List<TcpExport> exports) {
    List<RepairSocket> copies = new ArrayList<>(exports.size());
    for (TcpExport export : exports) {
      RepairSocket copy = sockets.create(SocketFamily.IPV4);
      copy.recreate(export, COPY_BUFFER_BYTES);
      copies.add(copy);
    }
    return copies;
  }

  private static List<RepairSocket> released(List<RepairSocket> sockets) {
    sockets.forEach(RepairSocket::release);
    return sockets;
  }

  private static List<RepairSocket> conform(List<RepairSocket> originals, List<TcpExport> reached) {
    for (int i = 0; i < originals.size(); i++) {
      TcpExport export = reached.get(i);
      originals.get(i).conform(export.snapshot(), export.receiveQueue());
    }
    return originals;
  }

  private static void awaitReceived(List<RepairSocket> copies) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    for (RepairSocket copy : copies) {
      while (received(copy) < EchoPeer.WORD_BYTES && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      assertThat(received(copy)).isEqualTo(EchoPeer.WORD_BYTES);
    }
  }

  private static int received(RepairSocket socket) {
    return TcpCalls.ofThread().ioctl(socket.descriptor(), LinuxConstants.SIOCINQ);
  }

  private static void expectEcho(AppSocket guest, int number) {
    ByteBuffer word = ByteBuffer.allocate(EchoPeer.WORD_BYTES).putInt(number).putInt(99).flip();
    guest.send(word);
    Traffic.expect(guest, word);
  }

  private static <T> T timed(String step, int connections, Supplier<T> action) {
    long start = System.nanoTime();
    T result = action.get();
    double micros = (System.nanoTime() - start) / 1e3 / connections;
    System.out.printf("%d connections: %s %.1f us each%n", connections, step, micros);
    return result;
  }
}
