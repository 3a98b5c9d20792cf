package org.holdfast.lab.fault;

import java.time.Duration;
import java.util.function.Consumer;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;

/** Faults inside the guest. */
public final class Guests {
  private static final Duration AGENT_BOUND = Duration.ofSeconds(60);
  private static final Duration WHILE_GIVING_BACK = Duration.ofMillis(300);
  private static final String STRIKER = "/tmp/strike.py";
  private static final String SAID = "/tmp/struck";

  /**
   * Both are noted for a few hundred milliseconds or less: programs would start too slowly, and who
   * comes after the agent, which is in a hurry then, too late.
   */
  private static final String STRIKES_AGENT =
      """
      import os, signal, subprocess, time
      os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(90))
      agent = int(subprocess.check_output(["pidof", "java"]))
      note = "/run/holdfast-guest-agent/%s"
      later = %s
      print("watching", flush=True)
      while not (os.path.exists(note) and os.path.getsize(note)):
          time.sleep(0.003)
      time.sleep(later)
      os.kill(agent, signal.%s)
      print("the agent was struck", flush=True)
      """;

  private Guests() {}

  /** Waits for the agent: one that was killed is started again, in seconds on such a processor. */
  static void awaitAgent(VirtualMachine vm) {
    Waiting.until(
        AGENT_BOUND,
        "an answer of the agent in " + vm.name(),
        () -> vm.host().holdfast("connections", vm.name()).succeeded());
  }

  /** Sends the agent a signal, such as KILL. */
  public static void signalAgent(VirtualMachine vm, String signal) {
    vm.exec("kill -%s $(pidof java)".formatted(signal)).orThrow();
  }

  /** SIGSTOP, and after a while SIGCONT. */
  static void hangAgent(VirtualMachine vm, Duration length) {
    vm.exec(
            "agent=$(pidof java); kill -STOP $agent;"
                + " nohup sh -c \"sleep %d; kill -CONT $agent\" > /dev/null 2>&1 < /dev/null &"
                    .formatted(length.toSeconds()))
        .orThrow();
  }

  /** Kills the agent as soon as it has noted that the host holds its connections. */
  public static void killAgentOnceHeld(VirtualMachine vm) {
    strikeAgent(vm, "frozen.held", "SIGKILL");
  }

  /**
   * The same, when the VM has run for a while again: its own clock stands while it is away, and it
   * is left a few milliseconds before that.
   */
  static void killAgentSoonAfterHeld(VirtualMachine vm) {
    strikeAgent(vm, "frozen.held", "SIGKILL", WHILE_GIVING_BACK);
  }

  /** Kills the agent as soon as it has noted that applications stand because of it. */
  static void killAgentOnceApplicationsStand(VirtualMachine vm) {
    strikeAgent(vm, "frozen", "SIGKILL");
  }

  /** Stops the agent as soon as it has noted that the host holds its connections. */
  public static void stopAgentOnceHeld(VirtualMachine vm) {
    strikeAgent(vm, "frozen.held", "SIGSTOP");
  }

  /** The same, and nobody ends it so that another could begin. */
  public static void stopAgentForGoodOnceHeld(VirtualMachine vm) {
    vm.exec("kill -STOP $(awk '{print $4}' /proc/$(pidof java)/stat)").orThrow();
    stopAgentOnceHeld(vm);
  }

  /** Stops the agent as soon as it has noted that applications stand because of it. */
  public static void stopAgentOnceApplicationsStand(VirtualMachine vm) {
    strikeAgent(vm, "frozen", "SIGSTOP");
  }

  /** In a scene: an agent that was stopped a moment too late goes on in the end. */
  static void stopAgent(Scene scene, Consumer<VirtualMachine> once) {
    scene.afterwards(() -> scene.vm().exec("kill -CONT $(pidof java)"));
    once.accept(scene.vm());
  }

  private static void strikeAgent(VirtualMachine vm, String note, String signal) {
    strikeAgent(vm, note, signal, Duration.ZERO);
  }

  private static void strikeAgent(VirtualMachine vm, String note, String signal, Duration later) {
    vm.writeFile(STRIKER, STRIKES_AGENT.formatted(note, later.toMillis() / 1000.0, signal));
    vm.startProgram("python3 " + STRIKER, SAID, "watching");
  }

  /** Whether one of these has come to it. */
  public static boolean agentWasStruck(VirtualMachine vm) {
    return vm.exec("cat " + SAID).text().contains("the agent was struck");
  }

  /** From now on a non-maskable interrupt is a panic to the guest's kernel. */
  static void panicOnInterrupt(VirtualMachine vm) {
    vm.exec("sysctl -q -w kernel.unknown_nmi_panic=1").orThrow();
  }

  static void panic(Scene scene) {
    if (!scene.source().virsh("inject-nmi", scene.domain()).succeeded()) {
      scene.target().virsh("inject-nmi", scene.domain());
    }
  }
}
