package org.holdfast.agent.discovery;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/**
 * Finds the guest's connections and their owners. {@link #scan} looks at everything and may take
 * its time; {@link #refresh} is for the blackout and reads only what can have changed since. For
 * one thread.
 */
public final class Discovery implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(Discovery.class.getName());

  /** A guest full of containers has many; each costs a thread for a moment. */
  private static final int MAXIMUM_OTHER_NAMESPACES = 64;

  /** No process has it: in a rehearsal the agent's own connections count as an application's. */
  private static final int NOBODY = 0;

  private final int agentPid;
  private final Predicate<SocketDiagnosis> rehearsed;
  private final ProcessTable processes = new ProcessTable(Path.of("/proc"));
  private final DescriptorTable descriptors = new DescriptorTable(processes);
  private final Map<Integer, String> ownerNames = new HashMap<>();
  private final SockDiag sockDiag = new SockDiag();
  private final NetlinkSocket route = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE);
  private InterfaceTable interfaces = InterfaceTable.read(route);

  private Discovery(int agentPid, Predicate<SocketDiagnosis> rehearsed) {
    this.agentPid = agentPid;
    this.rehearsed = rehearsed;
  }

  /** Of the network namespace of this thread. */
  public static Discovery ofGuest() {
    return new Discovery((int) ProcessHandle.current().pid(), socket -> false);
  }

  /**
   * Of the network namespace of this thread, where the agent plays with itself.
   *
   * @param port its connections are taken over although both ends are here
   */
  public static Discovery ofRehearsal(int port) {
    return new Discovery(NOBODY, socket -> socket.local().getPort() == port);
  }

  /** The interfaces as the last scan saw them. */
  public InterfaceTable interfaces() {
    return interfaces;
  }

  /** Everything: interfaces, connections of this namespace with their owners, and of all others. */
  public List<ConnectionFound> scan() {
    interfaces = InterfaceTable.read(route);
    List<SocketDiagnosis> sockets = sockDiag.connections();
    descriptors.readAll();
    ownerNames.clear();
    List<ConnectionFound> found = classify(sockets);
    if (agentPid != NOBODY) {
      found.addAll(ofOtherNamespaces());
    }
    return found;
  }

  /**
   * The connections of this namespace now. Reads /proc only as far as sockets or processes have
   * appeared since the last look.
   */
  public List<ConnectionFound> refresh() {
    List<SocketDiagnosis> sockets = sockDiag.connections();
    Set<Long> inodes = new HashSet<>();
    for (SocketDiagnosis socket : sockets) {
      if (socket.inode() != 0) {
        inodes.add(socket.inode());
      }
    }
    descriptors.readFor(inodes);
    return classify(sockets);
  }

  /** A descriptor turned out to be another socket by now: the next refresh reads all of /proc. */
  public void distrust() {
    descriptors.forget();
  }

  private List<ConnectionFound> classify(List<SocketDiagnosis> sockets) {
    Classifier classifier = new Classifier(interfaces, agentPid, rehearsed);
    List<ConnectionFound> found = new ArrayList<>(sockets.size());
    for (SocketDiagnosis socket : sockets) {
      List<SocketHolder> all = descriptors.holders(socket.inode());
      List<SocketHolder> owners = all.stream().filter(holder -> holder.pid() != agentPid).toList();
      found.add(
          new ConnectionFound(socket, owners, ownerName(owners), classifier.reason(socket, all)));
    }
    return found;
  }

  private String ownerName(List<SocketHolder> holders) {
    return holders.isEmpty()
        ? ""
        : ownerNames.computeIfAbsent(holders.get(0).pid(), processes::describe);
  }

  /** Connections behind another of the guest's network namespaces: named, not managed. */
  private List<ConnectionFound> ofOtherNamespaces() {
    List<ConnectionFound> found = new ArrayList<>();
    otherNamespaces().values().stream()
        .limit(MAXIMUM_OTHER_NAMESPACES)
        .forEach(pid -> found.addAll(ofNamespace(pid)));
    return found;
  }

  private Map<String, Integer> otherNamespaces() {
    String own = processes.networkNamespace(agentPid);
    Map<String, Integer> others = new LinkedHashMap<>();
    for (int pid : processes.pids()) {
      String namespace = processes.networkNamespace(pid);
      if (!namespace.isEmpty() && !namespace.equals(own)) {
        others.putIfAbsent(namespace, pid);
      }
    }
    return others;
  }

  private List<ConnectionFound> ofNamespace(int pid) {
    List<ConnectionFound> found = new ArrayList<>();
    try (NamespaceThread thread =
        NetworkNamespace.ofProcess(pid).startThread("namespace-of-" + pid)) {
      for (SocketDiagnosis socket : thread.call(Discovery::dumpOnce)) {
        if (!socket.peer().getAddress().isLoopbackAddress()) {
          List<SocketHolder> holders = descriptors.holders(socket.inode());
          found.add(
              new ConnectionFound(
                  socket,
                  holders,
                  ownerName(holders),
                  Optional.of(UnmanagedReason.UNMANAGED_REASON_OTHER_NAMESPACE)));
        }
      }
    } catch (KernelException gone) {
      LOGGER.log(Level.DEBUG, "the network namespace of " + pid + " is gone: " + gone.getMessage());
    }
    return found;
  }

  private static List<SocketDiagnosis> dumpOnce() {
    try (SockDiag diag = new SockDiag()) {
      return diag.connections();
    }
  }

  @Override
  public void close() {
    sockDiag.close();
    route.close();
  }
}
