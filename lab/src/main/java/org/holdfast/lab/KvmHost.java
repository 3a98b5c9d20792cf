package org.holdfast.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A container with libvirtd and QEMU, and holdfastd where the lab was started with the product. */
public final class KvmHost extends LabContainer {
  /** Longer than any migration of a lab takes, on a machine with other work too. */
  private static final Duration MIGRATION_BOUND = Duration.ofMinutes(3);

  KvmHost(String name, String containerId) {
    super(name, containerId);
  }

  /** The libvirt URI under which the other hosts reach this one. */
  public String libvirtUri() {
    return "qemu+tcp://" + name() + "/system";
  }

  /** Interface index of its way to the wire of the first network. */
  public int uplinkIndex() {
    return Integer.parseInt(exec("cat", "/sys/class/net/eth0/ifindex").orThrow().text());
  }

  /** Runs virsh against this host's libvirtd. */
  public CommandResult virsh(String... words) {
    return run("virsh", words);
  }

  /** Runs the product's command. */
  public CommandResult holdfast(String... words) {
    return run("holdfast", words);
  }

  private CommandResult run(String program, String... words) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of(words));
    return exec(MIGRATION_BOUND, command);
  }
}
