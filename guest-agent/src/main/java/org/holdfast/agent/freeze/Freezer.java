package org.holdfast.agent.freeze;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.agent.proc.KernelText;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.Signals;

/**
 * Makes processes stand still: by the cgroup v2 freezer where their cgroup holds neither this agent
 * nor pid 1 nor a process that uses io_uring, by SIGSTOP otherwise. Never freezes this agent; never
 * wakes what somebody else had stopped.
 */
public final class Freezer {
  private static final Logger LOGGER = System.getLogger(Freezer.class.getName());
  private static final int INIT_PID = 1;
  private static final String IO_URING = "anon_inode:[io_uring]";

  private final Path proc;
  private final Optional<CgroupHierarchy> hierarchy;
  private final ThreadStates threads;
  private final FreezeRecord record;
  private final int agentPid;
  private final boolean rehearsing;

  private Freezer(
      Path proc,
      Optional<CgroupHierarchy> hierarchy,
      FreezeRecord record,
      int agentPid,
      boolean rehearsing) {
    this.proc = proc;
    this.hierarchy = hierarchy;
    this.record = record;
    this.agentPid = agentPid;
    this.rehearsing = rehearsing;
    this.threads = new ThreadStates(proc);
  }

  /**
   * A freezer for this machine.
   *
   * @param record file that notes what stands, on a file system that a reboot empties
   */
  public static Freezer of(Path record) {
    Path proc = Path.of("/proc");
    return new Freezer(
        proc,
        KernelText.read(proc.resolve("self/mountinfo"))
            .flatMap(text -> CgroupHierarchy.find(text.lines().toList())),
        new FreezeRecord(record),
        (int) ProcessHandle.current().pid(),
        false);
  }

  /** Freezes nobody: in a rehearsal the agent itself is the owner, and stands by its own will. */
  public static Freezer ofRehearsal() {
    return new Freezer(
        Path.of("/proc"), Optional.empty(), new FreezeRecord(Path.of("/dev/null")), 0, true);
  }

  /** Whether the cgroup v2 freezer is there; SIGSTOP always is. */
  public boolean hasCgroups() {
    return hierarchy.isPresent();
  }

  /** Begins a freeze of nothing. */
  public Freeze begin() {
    return new Freeze(this);
  }

  /** Thaws what an earlier agent froze and did not live to thaw. */
  public void thawLeftOver() {
    for (String line : record.leftOver()) {
      LOGGER.log(Level.WARNING, "an earlier agent left frozen: " + line);
      if (line.startsWith(Stand.Cgroup.WORD)) {
        thaw(new Stand.Cgroup(line.substring(Stand.Cgroup.WORD.length())));
      } else if (line.startsWith(Stand.Process.WORD)) {
        String[] words = line.split(" ");
        if (words.length == 3) {
          thaw(new Stand.Process(Integer.parseInt(words[1]), words[2]));
        }
      }
    }
    record.clear();
  }

  /** Whether nobody need be made to stand. */
  boolean isRehearsing() {
    return rehearsing;
  }

  /** Whether this process may be made to stand at all. */
  boolean mayFreeze(int pid) {
    return pid != agentPid && pid != INIT_PID;
  }

  /** The cgroup by which a process can be frozen; empty if only a signal will do. */
  Optional<String> cgroupToFreeze(int pid) {
    return hierarchy.flatMap(
        tree ->
            cgroupOf(pid)
                .filter(path -> !path.equals("/"))
                .filter(path -> isOutside(path, agentPid) && isOutside(path, INIT_PID))
                .filter(tree::canFreeze));
  }

  private boolean isOutside(String path, int pid) {
    return cgroupOf(pid).map(other -> !CgroupHierarchy.contains(path, other)).orElse(false);
  }

  /**
   * Whether a process has given work to io_uring. The cgroup freezer is not for it: a frozen thread
   * wakes to carry on with a request whose socket has news, and would meet a socket in repair. One
   * that was sent SIGSTOP does not (kernel/signal.c: task work wakes who sleeps interruptibly).
   */
  boolean usesIoUring(int pid) {
    return KernelText.read(proc.resolve(pid + "/maps"))
        .map(mappings -> mappings.contains(IO_URING))
        .orElse(false);
  }

  Optional<String> cgroupOf(int pid) {
    return KernelText.read(proc.resolve(pid + "/cgroup"))
        .flatMap(text -> CgroupHierarchy.pathIn(text.lines().toList()));
  }

  /** Whether somebody else has frozen this cgroup already. */
  boolean isHeldByOthers(String cgroup) {
    return hierarchy.isPresent() && hierarchy.get().isAskedToFreeze(cgroup);
  }

  /** The process as something to be stopped; empty if it is gone. */
  Optional<Stand.Process> process(int pid) {
    return threads.startTime(pid).map(start -> new Stand.Process(pid, start));
  }

  /** Whether every thread of a process is stopped. */
  boolean stands(int pid) {
    return threads.allStand(pid);
  }

  /** Whether every thread of a cgroup is frozen. */
  boolean stands(String cgroup) {
    return hierarchy.isEmpty() || hierarchy.get().isFrozen(cgroup);
  }

  /** Writes down what is about to be stopped. */
  void note(List<Stand> stands) {
    record.add(stands.stream().map(Stand::line).toList());
  }

  /** Nothing stands any more. */
  void noteNothing() {
    record.clear();
  }

  /** Asks one thing to stand; it does so some time later. */
  void stop(Stand stand) {
    switchTo(stand, true);
  }

  /** Lets one thing run again. */
  void thaw(Stand stand) {
    switchTo(stand, false);
  }

  private void switchTo(Stand stand, boolean frozen) {
    if (stand instanceof Stand.Cgroup cgroup && hierarchy.isPresent()) {
      try {
        hierarchy.get().ask(cgroup.path(), frozen);
      } catch (IOException e) {
        LOGGER.log(Level.DEBUG, "cgroup " + cgroup.path() + " is gone: " + e);
      }
    } else if (stand instanceof Stand.Process process) {
      boolean same =
          threads.startTime(process.pid()).filter(process.startTime()::equals).isPresent();
      if (same) {
        signal(process.pid(), frozen);
      }
    }
  }

  private static void signal(int pid, boolean stop) {
    try {
      if (stop) {
        Signals.stop(pid);
      } else {
        Signals.resume(pid);
      }
    } catch (KernelException gone) {
      LOGGER.log(Level.DEBUG, "process " + pid + " is gone: " + gone.getMessage());
    }
  }
}
