package org.holdfast.agent.discovery;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads /proc. A process may be gone at any moment: what concerns it then reads as empty, never as
 * an error.
 */
final class ProcessTable {
  private static final String SOCKET_PREFIX = "socket:[";

  private final Path proc;

  /**
   * @param proc where procfs is mounted
   */
  ProcessTable(Path proc) {
    this.proc = proc;
  }

  /** All processes, in no order. */
  List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    for (String name : names(proc)) {
      if (isNumber(name)) {
        pids.add(Integer.valueOf(name));
      }
    }
    return pids;
  }

  /** The sockets a process has descriptors of: inode to one descriptor. */
  Map<Long, Integer> sockets(int pid) {
    Path directory = proc.resolve(Integer.toString(pid)).resolve("fd");
    Map<Long, Integer> sockets = new HashMap<>();
    for (String name : names(directory)) {
      String target = link(directory.resolve(name));
      if (target.startsWith(SOCKET_PREFIX) && isNumber(name)) {
        long inode = Long.parseLong(target, SOCKET_PREFIX.length(), target.length() - 1, 10);
        sockets.putIfAbsent(inode, Integer.valueOf(name));
      }
    }
    return sockets;
  }

  /** A process as an operator knows it: "sshd[812]". */
  String describe(int pid) {
    try {
      String name = Files.readString(proc.resolve(Integer.toString(pid)).resolve("comm")).strip();
      return name + "[" + pid + "]";
    } catch (IOException gone) {
      return "[" + pid + "]";
    }
  }

  /** The network namespace of a process, "net:[4026531840]"; empty if it is gone. */
  String networkNamespace(int pid) {
    return link(proc.resolve(Integer.toString(pid)).resolve("ns").resolve("net"));
  }

  private static List<String> names(Path directory) {
    String[] names = new File(directory.toString()).list();
    return names == null ? List.of() : List.of(names);
  }

  private static String link(Path path) {
    try {
      return Files.readSymbolicLink(path).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static boolean isNumber(String name) {
    return !name.isEmpty()
        && name.length() < 10
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
