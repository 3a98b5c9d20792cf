package org.holdfast.lab.fault;

import java.time.Duration;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Waiting;

/** holdfastd of a host, killed and started again. */
public final class Daemons {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration REHEARSAL_BOUND = Duration.ofSeconds(60);
  private static final Duration STARVING = Duration.ofSeconds(2);

  /** Whether the last daemon that started has said so. */
  private static final String REHEARSED =
      "awk '/holdfastd .* runs on/ {done = 0} /Rehearsed for/ {done = 1} END {exit !done}'"
          + " /var/log/holdfastd.log";

  private Daemons() {}

  /** SIGKILL, and the end of it: no chance to say goodbye. */
  public static void kill(KvmHost host) {
    host.bash(
            """
            pid=$(cat /run/holdfastd.pid)
            kill -9 "$pid" 2>/dev/null
            while [ -d "/proc/$pid" ]; do sleep 0.05; done
            """)
        .orThrow();
  }

  /** Returns when it answers. */
  public static void start(KvmHost host) {
    host.exec("service", "holdfastd", "start").orThrow();
    awaitAnswer(host);
  }

  /** Ends it in good order and starts another; returns when that answers. */
  public static void restart(KvmHost host) {
    host.exec("service", "holdfastd", "restart").orThrow();
    awaitAnswer(host);
  }

  /** Kills it and starts another. */
  public static void replace(KvmHost host) {
    kill(host);
    start(host);
  }

  /** It gets no more memory from the kernel; if that does not end it, whoever minds it does. */
  static void starve(KvmHost host) throws InterruptedException {
    host.bash("prlimit --pid $(cat /run/holdfastd.pid) --as=1").orThrow();
    Thread.sleep(STARVING.toMillis());
    replace(host);
  }

  /** Waits until it answers its command. */
  public static void awaitAnswer(KvmHost host) {
    Waiting.until(
        START_BOUND, "holdfastd of " + host.name(), () -> host.holdfast("status").succeeded());
  }

  /** Until then the daemon has a namespace for its rehearsal. One that fails only warns. */
  public static void awaitRehearsed(KvmHost host) {
    Waiting.until(
        REHEARSAL_BOUND,
        "a successful rehearsal on " + host.name(),
        () -> host.bash(REHEARSED).succeeded());
  }

  /** Both die in one moment, as where a host's memory runs out; libvirtd is back first. */
  static void replaceWithLibvirtd(KvmHost host) {
    host.bash("pkill -9 -x libvirtd; kill -9 $(cat /run/holdfastd.pid)");
    restartLibvirtd(host);
    replace(host);
  }

  /** SIGKILL to libvirtd, which leaves its QEMUs running, and a new one. */
  public static void restartLibvirtd(KvmHost host) {
    host.bash(
            """
            pkill -9 -x libvirtd
            while pgrep -x libvirtd >/dev/null; do sleep 0.05; done
            service libvirtd start || libvirtd -d --listen
            """)
        .orThrow();
    Waiting.until(START_BOUND, "libvirtd of " + host.name(), () -> host.virsh("list").succeeded());
  }
}
