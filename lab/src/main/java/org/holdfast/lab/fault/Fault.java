package org.holdfast.lab.fault;

import java.time.Duration;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.KvmHost;

/**
 * The table of faults: what is done to a migration at which moment, and what must be true after it.
 * Always true: the VM runs in exactly one place, its connections are kept, and when all has settled
 * nothing is left on either host.
 */
public enum Fault {
  SOURCE_DAEMON_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.replace(scene.source())),
  TARGET_DAEMON_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  INTERRUPTED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> scene.command().signal("INT")),
  INTERRUPTED_WHILE_HOLDING(At.HOLDING, Ends.ANYWHERE, scene -> scene.command().signal("INT")),
  JOB_ABORTED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> scene.source().virsh("domjobabort", scene.domain())),
  JOB_ABORTED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.source().virsh("domjobabort", scene.domain())),
  TARGET_QEMU_KILLED_WHILE_CONVERGING(
      At.CONVERGING,
      Ends.ON_SOURCE,
      scene -> scene.target().bash("pkill -9 -f 'guest=%s,'".formatted(scene.domain()))),
  TARGET_LIBVIRTD_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> Daemons.restartLibvirtd(scene.target())),
  NETWORK_CUT_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(3))),
  NETWORK_CUT_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> scene.cutBetweenHosts(Duration.ofSeconds(3)));

  /** The state of the source's machine that the fault waits for. */
  public enum At {
    CONVERGING(Duration.ofMillis(500)),
    TAKING_OVER(Duration.ofMillis(50)),
    HOLDING(Duration.ofMillis(200)),
    GIVING_BACK(Duration.ofMillis(200));

    private final Duration length;

    At(Duration length) {
      this.length = length;
    }
  }

  /** Where the VM is to run in the end, if the fault comes at once. */
  public enum Ends {
    ON_SOURCE,
    ON_TARGET,
    /** The fault races with QEMU's switchover. */
    ANYWHERE
  }

  /** What a fault is done to. */
  public record Scene(KvmHost source, KvmHost target, String domain, BackgroundCommand command) {

    /** What one host's transfer service and libvirtd send to the other is lost for so long. */
    void cutBetweenHosts(Duration length) throws InterruptedException {
      source
          .bash(
              """
              nft add table inet cut
              nft add chain inet cut in '{ type filter hook input priority -10; }'
              nft add chain inet cut out '{ type filter hook output priority -10; }'
              nft add rule inet cut in tcp sport '{ 16509, 16550, 49152-49215 }' drop
              nft add rule inet cut in tcp dport '{ 16509, 16550, 49152-49215 }' drop
              nft add rule inet cut out tcp sport '{ 16509, 16550, 49152-49215 }' drop
              nft add rule inet cut out tcp dport '{ 16509, 16550, 49152-49215 }' drop
              """)
          .orThrow();
      Thread.sleep(length.toMillis());
      source.bash("nft delete table inet cut").orThrow();
    }
  }

  private interface Act {
    void doTo(Scene scene) throws InterruptedException;
  }

  private final At at;
  private final Ends ends;
  private final Act act;

  Fault(At at, Ends ends, Act act) {
    this.at = at;
    this.ends = ends;
    this.act = act;
  }

  /** The state it waits for. */
  public At at() {
    return at;
  }

  /** Where the VM is to run in the end, if it comes at once. */
  public Ends ends() {
    return ends;
  }

  /**
   * How long after its state was reached it may still come: about as long as the state lasts in a
   * lab. It may hit the next state then; connections must be kept whatever it hits.
   */
  public Duration latest() {
    // A little later the VM may run there already, and its connections would die with it.
    return this == TARGET_QEMU_KILLED_WHILE_CONVERGING ? Duration.ZERO : at.length;
  }

  /** Does it. */
  public void inject(Scene scene) throws InterruptedException {
    act.doTo(scene);
  }
}
