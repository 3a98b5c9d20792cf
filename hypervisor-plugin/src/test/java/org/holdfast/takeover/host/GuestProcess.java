package org.holdfast.takeover.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.holdfast.linux.Descriptors;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.PidDescriptors;
import org.holdfast.linux.Signals;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;

/** {@link GuestApplication} in the guest's namespace, and what an agent beside it does. */
final class GuestProcess implements AutoCloseable {
  private final NamespaceThread guest;
  private final ProcessHandle process;
  private final BufferedReader output;
  private final List<RepairSocket> sockets = new ArrayList<>();

  GuestProcess(NamespaceThread guest) throws IOException {
    this.guest = guest;
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder builder =
        new ProcessBuilder(
                java.toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of("target", "test-classes").toString(),
                GuestApplication.class.getName())
            .redirectErrorStream(true);
    Process started = guest.call(builder::start);
    process = started.toHandle();
    output =
        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
    String first = output.readLine();
    if (!"ready".equals(first)) {
      throw new IOException("the guest's application says " + first);
    }
  }

  /** One that another process has started, and goes on watching. */
  GuestProcess(NamespaceThread guest, long processId) {
    this.guest = guest;
    this.process = ProcessHandle.of(processId).orElseThrow();
    this.output = new BufferedReader(Reader.nullReader());
  }

  long processId() {
    return process.pid();
  }

  /** Stops the application and waits until every thread of it stands. */
  void freeze() {
    Signals.stop((int) process.pid());
    while (!allThreadsStand()) {
      Thread.onSpinWait();
    }
  }

  void thaw() {
    Signals.resume((int) process.pid());
  }

  private boolean allThreadsStand() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      return tasks.allMatch(
          task -> {
            try {
              String stat = Files.readString(task.resolve("stat"));
              return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
            } catch (IOException e) {
              return true; // the thread has ended
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Finds the application's connections; as an agent does before the fence. */
  int findConnections() throws IOException {
    try (PidDescriptors descriptors = PidDescriptors.open((int) process.pid());
        Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      for (Path file : files.toList()) {
        if (Files.readSymbolicLink(file).toString().startsWith("socket:")) {
          adopt(descriptors.duplicate(Integer.parseInt(file.getFileName().toString())));
        }
      }
    }
    return sockets.size();
  }

  private void adopt(int descriptor) {
    try {
      RepairSocket socket = new LinuxTcpSockets().adopt(descriptor);
      if (socket.state() == TcpState.ESTABLISHED) {
        sockets.add(socket);
      } else {
        socket.close();
      }
    } catch (TcpRepairException e) {
      Descriptors.close(descriptor); // a listener, or not TCP at all
    }
  }

  /** The application is frozen and the port fenced. */
  List<ConnectionToHold> export() {
    List<ConnectionToHold> exported = new ArrayList<>();
    for (int i = 0; i < sockets.size(); i++) {
      TcpExport export = sockets.get(i).export(AfterExport.LEAVE_SILENTLY);
      exported.add(
          new ConnectionToHold(
              i,
              new TcpExport(
                  export.snapshot(), copy(export.receiveQueue()), copy(export.sendQueue())),
              TestNetwork.mac(0)));
    }
    return exported;
  }

  /** As it travels to another host. */
  static ReachedConnection copy(ReachedConnection reached) {
    return copy(reached, List.of());
  }

  /**
   * The same.
   *
   * @param ahead what has travelled before
   */
  static ReachedConnection copy(ReachedConnection reached, List<ByteBuffer> ahead) {
    List<ByteBuffer> all = new ArrayList<>(ahead);
    all.add(joined(reached));
    return new ReachedConnection(
        reached.index(), reached.reached(), reached.aheadBytes(), all, reached.resetErrno());
  }

  private static ByteBuffer joined(ReachedConnection reached) {
    ByteBuffer all = ByteBuffer.allocate(reached.receivedBytes() - reached.aheadBytes());
    reached.received().forEach(part -> all.put(part.duplicate()));
    return all.flip();
  }

  static ByteBuffer copy(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
    return copy.put(bytes.duplicate()).flip();
  }

  /**
   * The application is frozen and the port fenced. In the guest's namespace: a peer's FIN is told
   * to the socket over {@code lo}.
   */
  RepairSocket.Conformed conform(ReachedConnection reached) {
    return guest.call(
        () ->
            sockets
                .get(reached.index())
                .conform(onOwnInterface(reached.reached()), reached.received()));
  }

  /** As the wire carries it: a link-local address stands on the interface with the same MAC. */
  private static TcpSnapshot onOwnInterface(TcpSnapshot reached) {
    InterfaceResolver eth0 =
        new InterfaceResolver() {
          @Override
          public Optional<MacAddress> macOf(int interfaceIndex) {
            return Optional.of(TestNetwork.mac(0));
          }

          @Override
          public OptionalInt indexOf(MacAddress mac) {
            return OptionalInt.of(NetworkInterfaces.index("eth0"));
          }
        };
    try {
      return ConnectionCodec.decode(
          ConnectionCodec.encode(reached, reached.socketError(), eth0), eth0);
    } catch (WireFormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The port is open. */
  void release() {
    sockets.forEach(RepairSocket::release);
    sockets.forEach(RepairSocket::close);
    sockets.clear();
  }

  /** What the application said since it was ready. */
  String complaints() throws IOException {
    StringBuilder said = new StringBuilder();
    while (output.ready()) {
      said.append(output.readLine()).append('\n');
    }
    return said.toString();
  }

  @Override
  public void close() {
    sockets.forEach(RepairSocket::close);
    process.destroyForcibly();
  }
}
