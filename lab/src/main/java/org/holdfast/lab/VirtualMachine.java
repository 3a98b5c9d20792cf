package org.holdfast.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A VM of the lab. It may move between hosts; its addresses stay. */
public final class VirtualMachine {
  private static final Duration READY_BOUND = Duration.ofMinutes(3);

  /** The agent says that it has rehearsed; a VM without its package or its port has none. */
  private static final String READY =
      "[ ! -x /usr/sbin/holdfast-guest-agent ]"
          + " || [ ! -e /dev/virtio-ports/org.holdfast.guest.0 ]"
          + " || grep -q rehearsed /var/log/holdfast-guest-agent.log";

  /** What an earlier program has said there must not be taken for this one's word. */
  private static final String START =
      """
      rm -f %2$s
      nohup %1$s > %2$s 2>&1 < /dev/null &
      for look in $(seq 600); do
        grep -qs -e %3$s %2$s && exit 0
        sleep 0.1
      done
      cat %2$s >&2
      exit 1
      """;

  private final Lab lab;
  private final String name;
  private final List<VmInterface> interfaces;

  VirtualMachine(Lab lab, String name, List<VmInterface> interfaces) {
    this.lab = lab;
    this.name = name;
    this.interfaces = List.copyOf(interfaces);
  }

  /** Libvirt's name of the domain. */
  public String name() {
    return name;
  }

  /** Its network interfaces, in the order of the domain's devices. */
  public List<VmInterface> interfaces() {
    return interfaces;
  }

  /** Its IPv4 address on the first network. */
  public String ipv4() {
    return interfaces.get(0).ipv4();
  }

  /** Its IPv6 address on the first network. */
  public String ipv6() {
    return interfaces.get(0).ipv6();
  }

  /** Runs a shell command in the VM by ssh from the peer and waits, 2 minutes at most. */
  public CommandResult exec(String shellCommand) {
    return exec(LabContainer.DEFAULT_BOUND, shellCommand);
  }

  /**
   * Runs a shell command in the VM by ssh from the peer.
   *
   * @param bound how long it may take
   * @param shellCommand for root's shell
   */
  public CommandResult exec(Duration bound, String shellCommand) {
    List<String> command = new ArrayList<>(lab.sshCommand(this));
    command.add(shellCommand);
    return lab.peer().exec(bound, command);
  }

  /** Writes a small text file in the VM. */
  public void writeFile(String path, String content) {
    exec("printf %s " + ShellWord.of(content) + " > " + ShellWord.of(path)).orThrow();
  }

  /**
   * Starts a program in the VM that goes on by itself, and returns when it has said a word.
   *
   * @param command a simple command for root's shell
   * @param output the file in the VM to which all goes that it says
   * @param word part of a line of it
   * @throws LabException with all that it said, if after a minute the word is not among it
   */
  public void startProgram(String command, String output, String word) {
    exec(START.formatted(command, ShellWord.of(output), ShellWord.of(word))).orThrow();
  }

  /**
   * Waits until it answers by ssh, and its agent has rehearsed if it has one.
   *
   * @return this
   * @throws LabException with the end of its console log, after 3 minutes in vain
   */
  public VirtualMachine awaitReady() {
    try {
      Waiting.until(READY_BOUND, "an answer by ssh from " + name, () -> exec(READY).succeeded());
    } catch (LabException e) {
      throw new LabException(e.getMessage() + "\n" + consoleLog(), e);
    }
    return this;
  }

  /**
   * The host it is on: where it runs, or else where it is paused.
   *
   * @throws LabException if no host of the lab has it
   */
  public KvmHost host() {
    return lab.hosts().stream()
        .filter(host -> host.virsh("domstate", name).text().matches("running|paused"))
        .findFirst()
        .orElseThrow(() -> new LabException("no host of the lab runs " + name));
  }

  /** Whether exactly one host has it, and it runs there. */
  public boolean runsInOnePlace() {
    List<String> states =
        lab.hosts().stream()
            .map(host -> host.virsh("domstate", name))
            .filter(CommandResult::succeeded)
            .map(CommandResult::text)
            .filter(state -> !state.equals("shut off"))
            .toList();
    return states.equals(List.of("running"));
  }

  /** Where it is and in what state, in words. */
  public String whereabouts() {
    List<String> places = new ArrayList<>();
    for (KvmHost host : lab.hosts()) {
      CommandResult state = host.virsh("domstate", name);
      if (state.succeeded()) {
        places.add(state.text() + " on " + host.name());
      }
    }
    return places.isEmpty() ? "on no host" : String.join(", ", places);
  }

  /** The last lines of its console, from the host that has it. */
  public String consoleLog() {
    StringBuilder lines = new StringBuilder();
    for (KvmHost host : lab.hosts()) {
      CommandResult tail = host.exec("tail", "-n", "40", DomainXml.consoleLog(name));
      if (tail.succeeded()) {
        lines.append("console of ").append(name).append(" on ").append(host.name()).append(":\n");
        lines.append(tail.stdout());
      }
    }
    return lines.toString();
  }

  /** Ends it at once, wherever it is. */
  public void destroy() {
    lab.destroyVm(this);
  }
}
