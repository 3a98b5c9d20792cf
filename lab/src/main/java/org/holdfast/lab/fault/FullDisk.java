package org.holdfast.lab.fault;

import org.holdfast.lab.KvmHost;

/** The disk that a daemon writes its journal and its spool to, full. */
final class FullDisk {
  private static final String STATE = "/var/lib/holdfast";

  private FullDisk() {}

  /** The daemon gets a small disk of its own for what it keeps. */
  static void prepare(Scene scene, KvmHost host) {
    host.bash("service holdfastd stop && mount -t tmpfs -o size=1m,mode=700 tmpfs " + STATE)
        .orThrow();
    scene.afterwards(() -> mend(host));
    Daemons.start(host);
    Daemons.awaitRehearsed(host);
  }

  static void fill(KvmHost host) {
    host.bash("dd if=/dev/zero of=%s/filler bs=4k status=none; true".formatted(STATE)).orThrow();
  }

  /** Gives the host its own disk back. */
  private static void mend(KvmHost host) {
    host.bash("service holdfastd stop && umount " + STATE).orThrow();
    Daemons.start(host);
  }
}
