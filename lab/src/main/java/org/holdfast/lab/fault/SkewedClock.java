package org.holdfast.lab.fault;

import java.time.Duration;
import org.holdfast.lab.CompiledProgram;
import org.holdfast.lab.KvmHost;

/**
 * A host's time of day that jumps, for its daemon alone: hosts of the lab share one clock with the
 * machine they run on.
 */
final class SkewedClock {
  private static final Duration BETWEEN = Duration.ofSeconds(3);
  private static final String FORWARD = "+3600";

  /** Behind the true time, but not before the certificates of a lab that has just been made. */
  private static final String BACK = "-30";

  private SkewedClock() {}

  /** The daemon gets a time of day that can be set. */
  static void prepare(Scene scene, KvmHost host) {
    try (CompiledProgram skew =
        new CompiledProgram(SkewedClock.class, "skew.c", "-shared", "-fPIC")) {
      host.copyIn(skew.file(), "/run/skew.so");
    }
    host.bash(
            """
            printf '%-16s' +0 > /run/skew
            cat > /run/skewed-java <<'END'
            #!/bin/sh
            LD_PRELOAD=/run/skew.so exec java "$@"
            END
            chmod +x /run/skewed-java
            echo HOLDFAST_JAVA=/run/skewed-java > /etc/default/holdfastd
            """)
        .orThrow();
    scene.afterwards(() -> mend(host));
    Daemons.restart(host);
    host.bash("grep -q skew.so /proc/$(cat /run/holdfastd.pid)/maps").orThrow();
    Daemons.awaitRehearsed(host);
  }

  /** An hour forward, and then back, a little behind the true time. */
  static void jump(KvmHost host) throws InterruptedException {
    set(host, FORWARD);
    Thread.sleep(BETWEEN.toMillis());
    set(host, BACK);
  }

  private static void set(KvmHost host, String seconds) {
    // In place: the daemon has it mapped.
    host.bash("printf '%%-16s' %s | dd of=/run/skew conv=notrunc status=none".formatted(seconds))
        .orThrow();
  }

  private static void mend(KvmHost host) {
    host.bash("rm -f /etc/default/holdfastd").orThrow();
    Daemons.restart(host);
    host.bash("rm -f /run/skewed-java /run/skew.so /run/skew").orThrow();
  }
}
