package org.holdfast.lab.fault;

import java.time.Duration;
import org.holdfast.lab.KvmHost;

/**
 * A host's time of day that jumps, for its daemon alone: hosts of the lab share one clock with the
 * machine they run on.
 */
final class SkewedClock {
  private static final Duration BETWEEN = Duration.ofSeconds(3);
  private static final String FORWARD = "+3600";
  private static final String BACK = "-3600";

  private SkewedClock() {}

  /** The daemon gets a time of day that can be set. */
  static void prepare(Scene scene, KvmHost host) {
    set(host, "+0");
    host.bash(
            """
            cat > /run/skewed-java <<'END'
            #!/bin/sh
            export LD_PRELOAD=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)
            export FAKETIME_TIMESTAMP_FILE=/run/skew FAKETIME_CACHE_DURATION=1 DONT_FAKE_MONOTONIC=1
            exec java "$@"
            END
            chmod +x /run/skewed-java
            echo HOLDFAST_JAVA=/run/skewed-java > /etc/default/holdfastd
            """)
        .orThrow();
    scene.afterwards(() -> mend(host));
    Daemons.restart(host);
    Daemons.awaitRehearsed(host);
  }

  /** An hour forward, and then as far back behind the true time. */
  static void jump(KvmHost host) throws InterruptedException {
    set(host, FORWARD);
    Thread.sleep(BETWEEN.toMillis());
    set(host, BACK);
  }

  private static void set(KvmHost host, String seconds) {
    host.bash("echo %s > /run/skew".formatted(seconds)).orThrow();
  }

  private static void mend(KvmHost host) {
    host.bash("rm -f /etc/default/holdfastd").orThrow();
    Daemons.restart(host);
  }
}
