package org.holdfast.lab.fault;

import java.time.Duration;

/**
 * The table of faults: what is done to a migration at which moment, and what must be true after it.
 * Always true: the VM runs in exactly one place, its connections are kept, and when all has settled
 * nothing is left on either host.
 */
public enum Fault {
  SOURCE_DAEMON_KILLED_WHILE_PREPARING(
      At.PREPARING, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.replace(scene.source())),
  SOURCE_DAEMON_OUT_OF_MEMORY_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.starve(scene.source())),
  SOURCE_DAEMON_OUT_OF_MEMORY_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> Daemons.starve(scene.source())),
  SOURCE_DAEMON_OUT_OF_MEMORY_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.starve(scene.source())),
  SOURCE_DISK_FULL_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> FullDisk.fill(scene.source()), Fault::sourceDisk),
  SOURCE_DISK_FULL_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, scene -> FullDisk.fill(scene.source()), Fault::sourceDisk),
  SOURCE_DISK_FULL_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ON_TARGET, scene -> FullDisk.fill(scene.source()), Fault::sourceDisk),
  TARGET_DISK_FULL_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_TARGET, scene -> FullDisk.fill(scene.target()), Fault::targetDisk),
  TARGET_DISK_FULL_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, scene -> FullDisk.fill(scene.target()), Fault::targetDisk),
  SOURCE_CLOCK_JUMPS_WHILE_CONVERGING(
      At.CONVERGING,
      Ends.ON_TARGET,
      scene -> SkewedClock.jump(scene.source()),
      scene -> SkewedClock.prepare(scene, scene.source())),
  SOURCE_CLOCK_JUMPS_WHILE_HOLDING(
      At.HOLDING,
      Ends.ON_TARGET,
      scene -> SkewedClock.jump(scene.source()),
      scene -> SkewedClock.prepare(scene, scene.source())),
  TARGET_CLOCK_JUMPS_WHILE_CONVERGING(
      At.CONVERGING,
      Ends.ON_TARGET,
      scene -> SkewedClock.jump(scene.target()),
      scene -> SkewedClock.prepare(scene, scene.target())),
  TARGET_CLOCK_JUMPS_WHILE_HOLDING(
      At.HOLDING,
      Ends.ON_TARGET,
      scene -> SkewedClock.jump(scene.target()),
      scene -> SkewedClock.prepare(scene, scene.target())),
  TARGET_DAEMON_KILLED_WHILE_PREPARING(
      At.PREPARING, Ends.ANYWHERE, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.replace(scene.target())),
  TARGET_DAEMON_OUT_OF_MEMORY_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, scene -> Daemons.starve(scene.target())),
  TARGET_DAEMON_OUT_OF_MEMORY_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.starve(scene.target())),
  AGENT_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> Guests.signalAgent(scene.vm(), "KILL")),
  AGENT_KILLED_WHILE_APPLICATIONS_STAND(
      At.CONVERGING,
      Ends.ANYWHERE,
      Scene::nothing,
      scene -> Guests.killAgentOnceApplicationsStand(scene.vm())),
  AGENT_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ON_TARGET, Scene::nothing, scene -> Guests.killAgentOnceHeld(scene.vm())),
  AGENT_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK,
      Ends.ON_TARGET,
      Scene::nothing,
      scene -> Guests.killAgentSoonAfterHeld(scene.vm())),
  AGENT_STOPPED_WHILE_APPLICATIONS_STAND(
      At.CONVERGING,
      Ends.ANYWHERE,
      Scene::nothing,
      scene -> Guests.stopAgent(scene, Guests::stopAgentOnceApplicationsStand)),
  AGENT_STOPPED_WHILE_HOLDING(
      At.HOLDING,
      Ends.ON_TARGET,
      Scene::nothing,
      scene -> Guests.stopAgent(scene, Guests::stopAgentOnceHeld)),
  AGENT_HANGS_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> Guests.hangAgent(scene.vm(), Duration.ofSeconds(15))),
  INTERRUPTED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> scene.command().signal("INT")),
  INTERRUPTED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> scene.command().signal("INT")),
  INTERRUPTED_WHILE_HOLDING(At.HOLDING, Ends.ANYWHERE, scene -> scene.command().signal("INT")),
  INTERRUPTED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> scene.command().signal("INT")),
  CANCELLED_BY_CALL_WHILE_CONVERGING(At.CONVERGING, Ends.ANYWHERE, Scene::cancelByCall),
  CANCELLED_BY_CALL_WHILE_TAKING_OVER(At.TAKING_OVER, Ends.ANYWHERE, Scene::cancelByCall),
  CANCELLED_BY_CALL_WHILE_HOLDING(At.HOLDING, Ends.ANYWHERE, Scene::cancelByCall),
  CANCELLED_BY_CALL_WHILE_GIVING_BACK(At.GIVING_BACK, Ends.ON_TARGET, Scene::cancelByCall),
  JOB_ABORTED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> scene.source().virsh("domjobabort", scene.domain())),
  JOB_ABORTED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> scene.source().virsh("domjobabort", scene.domain())),
  JOB_ABORTED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.source().virsh("domjobabort", scene.domain())),
  SOURCE_LIBVIRTD_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> Daemons.restartLibvirtd(scene.source())),
  SOURCE_LIBVIRTD_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> Daemons.restartLibvirtd(scene.source())),
  SOURCE_LIBVIRTD_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.restartLibvirtd(scene.source())),
  SOURCE_LIBVIRTD_KILLED_WHILE_SWITCHING_OVER(
      At.HOLDING, Ends.ANYWHERE, later(150, scene -> Daemons.restartLibvirtd(scene.source()))),
  SOURCE_LIBVIRTD_KILLED_WHILE_ARRIVING(
      At.HOLDING, Ends.ANYWHERE, later(250, scene -> Daemons.restartLibvirtd(scene.source()))),
  SOURCE_LIBVIRTD_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.restartLibvirtd(scene.source())),
  BOTH_DAEMONS_OF_THE_SOURCE_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.replaceWithLibvirtd(scene.source())),
  BOTH_DAEMONS_OF_THE_SOURCE_KILLED_WHILE_SWITCHING_OVER(
      At.HOLDING, Ends.ANYWHERE, later(150, scene -> Daemons.replaceWithLibvirtd(scene.source()))),
  TARGET_LIBVIRTD_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> Daemons.restartLibvirtd(scene.target())),
  TARGET_LIBVIRTD_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> Daemons.restartLibvirtd(scene.target())),
  TARGET_LIBVIRTD_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> Daemons.restartLibvirtd(scene.target())),
  TARGET_LIBVIRTD_KILLED_WHILE_SWITCHING_OVER(
      At.HOLDING, Ends.ANYWHERE, later(150, scene -> Daemons.restartLibvirtd(scene.target()))),
  TARGET_LIBVIRTD_KILLED_WHILE_ARRIVING(
      At.HOLDING, Ends.ANYWHERE, later(250, scene -> Daemons.restartLibvirtd(scene.target()))),
  TARGET_LIBVIRTD_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> Daemons.restartLibvirtd(scene.target())),
  SOURCE_QEMU_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.NOWHERE, scene -> scene.killQemu(scene.source())),
  SOURCE_QEMU_KILLED_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.NOWHERE, scene -> scene.killQemu(scene.source())),
  SOURCE_QEMU_KILLED_WHILE_HOLDING(
      At.HOLDING, Ends.NOWHERE, scene -> scene.killQemu(scene.source())),
  TARGET_QEMU_KILLED_WHILE_CONVERGING(
      At.CONVERGING, Ends.ON_SOURCE, scene -> scene.killQemu(scene.target())),
  TARGET_QEMU_KILLED_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.NOWHERE, scene -> scene.killQemu(scene.target())),
  GUEST_PANICS_WHILE_CONVERGING(
      At.CONVERGING, Ends.NOWHERE, Guests::panic, scene -> Guests.panicOnInterrupt(scene.vm())),
  GUEST_PANICS_WHILE_HOLDING(
      At.HOLDING, Ends.NOWHERE, Guests::panic, scene -> Guests.panicOnInterrupt(scene.vm())),
  GUEST_PANICS_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.NOWHERE, Guests::panic, scene -> Guests.panicOnInterrupt(scene.vm())),
  NETWORK_CUT_WHILE_CONVERGING(
      At.CONVERGING, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(1))),
  NETWORK_CUT_WHILE_TAKING_OVER(
      At.TAKING_OVER, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(3))),
  NETWORK_CUT_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(3))),
  NETWORK_CUT_WHILE_GIVING_BACK(
      At.GIVING_BACK, Ends.ON_TARGET, scene -> scene.cutBetweenHosts(Duration.ofSeconds(3))),
  NETWORK_CUT_FOR_LONG_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(10))),
  NETWORK_CUT_FOR_A_MINUTE_WHILE_HOLDING(
      At.HOLDING, Ends.ANYWHERE, scene -> scene.cutBetweenHosts(Duration.ofSeconds(60)));

  private static void sourceDisk(Scene scene) {
    FullDisk.prepare(scene, scene.source());
  }

  private static void targetDisk(Scene scene) {
    FullDisk.prepare(scene, scene.target());
  }

  /** The state of the source's machine that the fault waits for. */
  public enum At {
    PREPARING(Duration.ofMillis(50)),
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
    ANYWHERE,
    /** The fault ends the VM, and its connections with it. */
    NOWHERE
  }

  private interface Act {
    void doTo(Scene scene) throws InterruptedException;
  }

  /** libvirt's last words between the hosts are said in about this time after the takeover. */
  private static Act later(int millis, Act act) {
    return scene -> {
      Thread.sleep(millis);
      act.doTo(scene);
    };
  }

  private final At at;
  private final Ends ends;
  private final Act act;
  private final Act prepare;

  Fault(At at, Ends ends, Act act) {
    this(at, ends, act, Scene::nothing);
  }

  Fault(At at, Ends ends, Act act, Act prepare) {
    this.at = at;
    this.ends = ends;
    this.act = act;
    this.prepare = prepare;
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

  /** What must be done before the migration begins, so that it can be done in its middle. */
  public void prepare(Scene scene) throws InterruptedException {
    prepare.doTo(scene);
  }

  /** Does it. */
  public void inject(Scene scene) throws InterruptedException {
    act.doTo(scene);
  }
}
