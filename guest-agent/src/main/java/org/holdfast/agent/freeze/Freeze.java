package org.holdfast.agent.freeze;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The processes that stand now. Grows by {@link #add}, ends with {@link #thaw}. For one thread.
 *
 * <p>Stopping takes time: a thread still running when its socket is in repair gets an error and
 * closes it. So {@link #add} returns when every thread stands, or the bound is over.
 */
public final class Freeze {
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(1).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(32).toNanos();

  private final Freezer freezer;
  private final List<Stand> stopped = new ArrayList<>();
  private final Map<Integer, String> cgroupByPid = new HashMap<>();
  private final Set<Integer> pids = new HashSet<>();

  Freeze(Freezer freezer) {
    this.freezer = freezer;
  }

  /**
   * Makes more processes stand.
   *
   * @param more those already here are passed over
   * @param bound how long to wait for them
   * @return those that do not stand, because they may not or did not in time; they run
   */
  public Set<Integer> add(Collection<Integer> more, Duration bound) {
    if (freezer.isRehearsing()) {
      return Set.of();
    }
    Set<Integer> waiting = new HashSet<>(more);
    waiting.removeAll(pids);
    Set<Integer> refused = new HashSet<>();
    waiting.removeIf(pid -> !freezer.mayFreeze(pid) && refused.add(pid));
    pids.addAll(waiting);
    List<Stand> asked = plan(waiting);
    freezer.note(asked);
    asked.forEach(freezer::stop);
    stopped.addAll(asked);
    waitFor(waiting, System.nanoTime() + bound.toNanos());
    waiting.forEach(this::giveUp);
    refused.addAll(waiting);
    return refused;
  }

  /** Whether nothing stands because of this. */
  public boolean isEmpty() {
    return stopped.isEmpty();
  }

  /** Lets everything run that was running before. May be called again. */
  public void thaw() {
    if (!stopped.isEmpty()) {
      stopped.forEach(freezer::thaw);
      freezer.noteNothing();
    }
    stopped.clear();
    cgroupByPid.clear();
    pids.clear();
  }

  /** What to stop so that these processes stand. What others had stopped is not ours to wake. */
  private List<Stand> plan(Set<Integer> fresh) {
    Set<String> known = new HashSet<>(cgroupByPid.values());
    Set<String> unfit = unfitCgroups(fresh);
    List<Stand> asked = new ArrayList<>();
    for (int pid : fresh) {
      String cgroup =
          freezer
              .cgroupToFreeze(pid)
              .filter(path -> unfit.stream().noneMatch(u -> CgroupHierarchy.contains(path, u)))
              .orElse("");
      if (!cgroup.isEmpty()) {
        cgroupByPid.put(pid, cgroup);
        if (known.add(cgroup) && !freezer.isHeldByOthers(cgroup)) {
          asked.add(new Stand.Cgroup(cgroup));
        }
      } else if (!freezer.stands(pid)) {
        freezer.process(pid).ifPresent(asked::add);
      }
    }
    return asked;
  }

  private Set<String> unfitCgroups(Set<Integer> fresh) {
    Set<String> unfit = new HashSet<>();
    for (int pid : fresh) {
      if (freezer.usesIoUring(pid)) {
        freezer.cgroupOf(pid).ifPresent(unfit::add);
      }
    }
    return unfit;
  }

  /**
   * Removes from {@code waiting} what stands, until it is empty or the time is over. A thread must
   * run to come to a stand, and the agent runs before everybody else: each look leaves more time to
   * them than the one before, or a slow processor would be busy with looking.
   */
  private void waitFor(Set<Integer> waiting, long deadlineNanos) {
    for (long pause = FIRST_PAUSE_NANOS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS)) {
      Set<String> frozen = new HashSet<>();
      waiting.removeIf(pid -> stands(pid, frozen));
      if (waiting.isEmpty() || System.nanoTime() - deadlineNanos >= 0) {
        return;
      }
      LockSupport.parkNanos(pause);
    }
  }

  private boolean stands(int pid, Set<String> frozen) {
    String cgroup = cgroupByPid.get(pid);
    if (cgroup == null) {
      return freezer.stands(pid);
    }
    if (frozen.contains(cgroup)) {
      return true;
    }
    return freezer.stands(cgroup) && frozen.add(cgroup);
  }

  /** It did not stand in time: it must not be stopped at some later moment. */
  private void giveUp(int pid) {
    String cgroup = cgroupByPid.remove(pid);
    pids.remove(pid);
    stopped.removeIf(
        stand -> {
          boolean its =
              stand instanceof Stand.Cgroup group
                  ? group.path().equals(cgroup)
                  : stand instanceof Stand.Process process && process.pid() == pid;
          if (its) {
            freezer.thaw(stand);
          }
          return its;
        });
  }
}
