package org.holdfast.takeover.host;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.NftablesException;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.HeldConnections;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.ReceivedBytes;
import org.holdfast.takeover.RecreateFailure;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.spool.Spool;
import org.holdfast.takeover.spool.SpoolFiles;
import org.holdfast.takeover.spool.SpoolSpace;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of connections as sockets of this process in the takeover namespace. */
final class LinuxHeldConnections implements HeldConnections {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxHeldConnections.class);

  /** Less than this takes no longer in the blackout. */
  private static final long WORTH_ANOTHER_ROUND_BYTES = 1 << 20;

  private static final int MOST_ROUNDS_AHEAD = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final BuiltNamespace built;
  private final HoldOptions options;
  private final SpoolSpace space;
  private final SpoolSpace memorySpace;
  private final SpoolFiles files;
  private final SpoolReader reader;
  private final Set<InetAddress> ownAddresses;
  private final LinuxTcpSockets sockets = new LinuxTcpSockets();
  private final List<HeldCopy> copies = new ArrayList<>();
  private final List<TcpSnapshot> notAdmitted = new ArrayList<>();
  private final List<TcpSnapshot> notLeftToCopies = new ArrayList<>();

  /** Indexes of copies that did not take all that was appended: nothing may follow the gap. */
  private final Set<Integer> full = new HashSet<>();

  LinuxHeldConnections(BuiltNamespace built, HoldOptions options) {
    this.built = built;
    this.options = options;
    this.space = options.spool().host().part(options.spool().bytesPerVm());
    this.memorySpace = SpoolSpace.of(options.spool().memoryBytesPerVm());
    NamespaceKeeper kept = built.kept();
    this.files =
        SpoolFiles.in(options.spool().directory(), kept::keepSpoolInMemory, kept::keepSpoolOnDisk);
    this.reader = new SpoolReader(built.name());
    this.ownAddresses =
        built.interfaces().stream()
            .flatMap(played -> played.vmInterface().addresses().stream())
            .map(own -> withScope(own.address(), 0))
            .collect(Collectors.toCollection(HashSet::new));
  }

  /**
   * Goes once through all that happens in a blackout, with a connection of nobody inside the
   * namespace: the first time costs this process a tenth of a second, which no peer shall wait.
   */
  void rehearse() {
    built.inside().call(Rehearsal::run);
  }

  /** Descriptors and descriptions of all copies, for whoever goes on with them. */
  void keep(KeptRecord.Builder record) {
    copies.forEach(copy -> record.add(copy.index(), copy.takenOver()));
    built
        .kept()
        .keep(copies.stream().map(copy -> copy.socket().descriptor()).toList(), record.build());
  }

  /**
   * Goes on with what another process held.
   *
   * @throws TakeoverException if it is not what its record says
   */
  void goOn(NamespaceKeeper.Found found) {
    try {
      SpoolFiles.Found spooled = files.goOn(found.spoolInMemory(), found.spoolOnDisk());
      List<KeptRecord.Copy> known = KeptRecord.copies(found.what());
      for (int i = 0; i < known.size(); i++) {
        KeptRecord.Copy one = known.get(i);
        RepairSocket socket = sockets.adoptCopy(found.copies().get(i), one.takenOver());
        Spool spool = newSpool(one.index());
        spool.goOn(spooled, socket.discardedBytes());
        HeldCopy copy = new HeldCopy(one.index(), one.takenOver(), socket, spool);
        copies.add(copy);
        reader.add(copy);
        notLeftToCopies.add(one.takenOver());
      }
    } catch (IOException | WireFormatException | IndexOutOfBoundsException | TcpRepairException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, "what was kept cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Connections are entered in the rules when the namespace opens, all at once. Half-closed ones
   * must be there before: their peer's FIN is told to the copy through the stack.
   */
  @Override
  public List<RecreateFailure> recreate(List<ConnectionToHold> connections) {
    return built
        .inside()
        .call(
            () -> {
              List<TcpSnapshot> halfClosed = new ArrayList<>();
              for (ConnectionToHold connection : connections) {
                TcpSnapshot snapshot = connection.export().snapshot();
                boolean plain = snapshot.state() == TcpState.ESTABLISHED;
                (plain ? notAdmitted : halfClosed).add(snapshot);
              }
              admit(halfClosed);
              return copyAll(connections);
            });
  }

  private List<RecreateFailure> copyAll(List<ConnectionToHold> connections) {
    List<RecreateFailure> failures = new ArrayList<>();
    for (ConnectionToHold connection : connections) {
      try {
        HeldCopy copy = copy(connection);
        copies.add(copy);
        reader.add(copy);
        notLeftToCopies.add(connection.export().snapshot());
      } catch (TcpRepairException e) {
        failures.add(new RecreateFailure(connection.index(), e));
      }
    }
    return failures;
  }

  /** Lets the namespace hear and say what belongs to the copies; before its ports open. */
  void admitAll() {
    built
        .inside()
        .call(
            () -> {
              admit(notAdmitted);
              notAdmitted.clear();
              return true;
            });
  }

  /**
   * What comes for the copies is theirs, and nothing else is. After the opening, since it may take
   * its time where there are thousands; before the first frame is let in.
   */
  void takeWhatIsTheirs() {
    built.keeper().leaveToCopies(notLeftToCopies);
    notLeftToCopies.clear();
  }

  private void admit(List<TcpSnapshot> connections) {
    String elements = SilenceRules.admit(connections);
    if (elements.isEmpty()) {
      return;
    }
    try {
      built.nftables().run(elements);
    } catch (NftablesException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED,
          "the connections could not be entered in the namespace's rules: " + e.getMessage(),
          e);
    }
  }

  private HeldCopy copy(ConnectionToHold connection) {
    TcpExport export = connection.export();
    TcpSnapshot snapshot = inNamespace(export.snapshot(), connection.interfaceMac());
    if (!ownAddresses.contains(withScope(snapshot.local().getAddress(), 0))) {
      throw new TcpRepairException(
          "recreate " + snapshot.local(), 0, "the address is not the VM's own");
    }
    RepairSocket socket = sockets.create(snapshot.family());
    try {
      socket.recreate(new TcpExport(snapshot, NOTHING, export.sendQueue()), options.bufferBytes());
      return new HeldCopy(connection.index(), snapshot, socket, newSpool(connection.index()));
    } catch (TcpRepairException e) {
      socket.close();
      throw e;
    }
  }

  private Spool newSpool(int index) {
    return new Spool(files, index, space.part(options.spool().bytesPerConnection()), memorySpace);
  }

  /** Without what the VM has not read, which it has itself; link-local addresses get our scope. */
  private TcpSnapshot inNamespace(TcpSnapshot s, @Nullable MacAddress interfaceMac) {
    int scope = s.local().getAddress().isLinkLocalAddress() ? scopeOf(interfaceMac) : 0;
    return new TcpSnapshot(
        s.family(),
        new InetSocketAddress(withScope(s.local().getAddress(), scope), s.local().getPort()),
        new InetSocketAddress(withScope(s.peer().getAddress(), scope), s.peer().getPort()),
        s.state(),
        s.sendEnd(),
        s.receiveEnd(),
        s.sendQueueBytes(),
        s.unsentBytes(),
        0,
        s.options(),
        s.timestamp(),
        s.window(),
        s.roundTripTime(),
        s.congestionControl(),
        s.noDelay(),
        s.keepAlive(),
        s.userTimeoutMillis(),
        s.socketError());
  }

  private int scopeOf(@Nullable MacAddress interfaceMac) {
    List<PlayedInterface> interfaces = built.interfaces();
    for (int i = 0; i < interfaces.size(); i++) {
      if (interfaces.get(i).mac().equals(interfaceMac)) {
        return NetworkInterfaces.index(OwnNames.inside(i));
      }
    }
    throw new TcpRepairException(
        "recreate a link-local connection", 0, "its interface is none of the VM's");
  }

  private static InetAddress withScope(InetAddress address, int scope) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    try {
      return scope == 0
          ? InetAddress.getByAddress(address.getAddress())
          : Inet6Address.getByAddress(null, address.getAddress(), scope);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  @Override
  public int size() {
    return copies.size();
  }

  /** What was taken over, by the connections' numbers. */
  Map<Integer, TcpSnapshot> takenOver() {
    synchronized (reader) {
      Map<Integer, TcpSnapshot> all = new HashMap<>();
      copies.forEach(copy -> all.put(copy.index(), copy.takenOver()));
      return all;
    }
  }

  @Override
  public void release() {
    built.inside().call(this::releaseAll);
    reader.resume();
  }

  @Override
  public void resumeHolding() {
    release();
  }

  private boolean releaseAll() {
    copies.forEach(HeldCopy::release);
    return true;
  }

  @Override
  public void append(int index, ByteBuffer bytes) {
    synchronized (reader) {
      for (HeldCopy copy : copies) {
        if (copy.index() == index && !full.contains(index) && !copy.append(bytes)) {
          full.add(index);
        }
      }
    }
  }

  @Override
  public List<HeldStatistics> statistics() {
    // Not while bytes are on their way from a receive queue into a spool.
    synchronized (reader) {
      return copies.stream().map(HeldCopy::statistics).toList();
    }
  }

  /** The reader's lock is not held while bytes are on their way: it may take long. */
  @Override
  public Map<Integer, Integer> passAhead(Map<Integer, Integer> already, ReceivedBytes receiver) {
    Map<Integer, Integer> passed = new HashMap<>(already);
    long round = Long.MAX_VALUE;
    for (int i = 0; i < MOST_ROUNDS_AHEAD && round > WORTH_ANOTHER_ROUND_BYTES; i++) {
      round = passRoundAhead(passed, receiver);
    }
    return passed;
  }

  private long passRoundAhead(Map<Integer, Integer> passed, ReceivedBytes receiver) {
    List<HeldCopy> all;
    synchronized (reader) {
      all = List.copyOf(copies);
    }
    long round = 0;
    for (HeldCopy copy : all) {
      for (ByteBuffer part : spooled(copy, passed.getOrDefault(copy.index(), 0))) {
        passed.merge(copy.index(), part.remaining(), Integer::sum);
        round += part.remaining();
        receiver.accept(copy.index(), part);
      }
    }
    return round;
  }

  private List<ByteBuffer> spooled(HeldCopy copy, int from) {
    synchronized (reader) {
      reader.readNow(copy);
      try {
        return copy.spool().contents(from);
      } catch (IOException e) {
        LOG.warn("What {} sent cannot be passed ahead", copy.takenOver().peer(), e);
        return List.of();
      }
    }
  }

  @Override
  public void exportAll(Map<Integer, Integer> ahead, Consumer<ReachedConnection> receiver) {
    reader.pause();
    copies.forEach(copy -> receiver.accept(copy.export(ahead.getOrDefault(copy.index(), 0))));
  }

  @Override
  public void dropSilently() {
    reader.close();
    synchronized (reader) {
      copies.forEach(HeldCopy::drop);
      copies.clear();
      files.close();
    }
  }
}
