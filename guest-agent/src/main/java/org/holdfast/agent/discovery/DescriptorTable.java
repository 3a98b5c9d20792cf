package org.holdfast.agent.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which process has a descriptor of which socket. Reading all of /proc takes long enough to matter
 * in a blackout, so what was found is kept, and only what can have changed is read again.
 */
final class DescriptorTable {
  private final ProcessTable processes;
  private final Map<Integer, Map<Long, Integer>> socketsByPid = new HashMap<>();
  private Map<Long, List<SocketHolder>> holdersByInode = Map.of();

  DescriptorTable(ProcessTable processes) {
    this.processes = processes;
  }

  /** Reads the descriptors of every process. */
  void readAll() {
    socketsByPid.clear();
    read(processes.pids());
  }

  /**
   * Brings the table up to date for these sockets, as cheaply as can be: processes that were not
   * there before, then, if a socket has no known holder, those that have sockets, then all.
   */
  void readFor(Set<Long> inodes) {
    List<Integer> present = processes.pids();
    socketsByPid.keySet().retainAll(Set.copyOf(present));
    List<Integer> fresh = new ArrayList<>(present);
    fresh.removeAll(socketsByPid.keySet());
    read(fresh);
    if (hasUnknown(inodes)) {
      List<Integer> likely = new ArrayList<>();
      socketsByPid.forEach(
          (pid, sockets) -> {
            if (!sockets.isEmpty()) {
              likely.add(pid);
            }
          });
      read(likely);
    }
    if (hasUnknown(inodes)) {
      readAll();
    }
  }

  /** What is known may be wrong: the next look reads every process. */
  void forget() {
    socketsByPid.clear();
    holdersByInode = Map.of();
  }

  /** Who has a descriptor of the socket; empty if no process is known to. */
  List<SocketHolder> holders(long inode) {
    return holdersByInode.getOrDefault(inode, List.of());
  }

  private boolean hasUnknown(Set<Long> inodes) {
    Set<Long> unknown = new HashSet<>(inodes);
    unknown.removeAll(holdersByInode.keySet());
    return !unknown.isEmpty();
  }

  private void read(Collection<Integer> pids) {
    for (int pid : pids) {
      socketsByPid.put(pid, processes.sockets(pid));
    }
    Map<Long, List<SocketHolder>> holders = new HashMap<>();
    socketsByPid.forEach(
        (pid, sockets) ->
            sockets.forEach(
                (inode, descriptor) ->
                    holders
                        .computeIfAbsent(inode, unused -> new ArrayList<>(1))
                        .add(new SocketHolder(pid, descriptor))));
    holdersByInode = holders;
  }
}
