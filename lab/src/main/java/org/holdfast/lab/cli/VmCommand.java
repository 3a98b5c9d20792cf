package org.holdfast.lab.cli;

import java.util.List;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "vm",
    description = "Starts, lists, stops and shows the virtual machines of a lab.",
    mixinStandardHelpOptions = true)
final class VmCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "say what to do with VMs: start, list, stop, console");
  }

  @Command(description = "Boots a VM and waits until it answers.", mixinStandardHelpOptions = true)
  void start(
      @Mixin LabName lab,
      @Option(
              names = "--memory",
              paramLabel = "MIB",
              defaultValue = "640",
              description = "guest memory (default: ${DEFAULT-VALUE})")
          int memory,
      @Option(
              names = "--host",
              paramLabel = "HOST",
              defaultValue = "kvm1",
              description = "kvm1 or kvm2 (default: ${DEFAULT-VALUE})")
          String host,
      @Option(
              names = "--interfaces",
              paramLabel = "N",
              defaultValue = "1",
              description = "1 or 2 (default: ${DEFAULT-VALUE})")
          int interfaces,
      @Parameters(paramLabel = "NAME", description = "libvirt's name of it") String name) {
    VirtualMachine vm =
        Lab.attach(lab.value)
            .startVm(
                VmOptions.named(name).withMemory(memory).onHost(host).withInterfaces(interfaces))
            .awaitReady();
    System.out.println(name + " runs on " + host + ": " + vm.ipv4() + "  " + vm.ipv6());
  }

  @Command(description = "Lists the VMs and where they are.", mixinStandardHelpOptions = true)
  void list(@Mixin LabName lab) {
    for (VirtualMachine vm : Lab.attach(lab.value).vms()) {
      System.out.printf("%-20s %s  %s  %s%n", vm.name(), vm.ipv4(), vm.ipv6(), vm.whereabouts());
    }
  }

  @Command(description = "Ends a VM at once.", mixinStandardHelpOptions = true)
  void stop(
      @Mixin LabName lab, @Parameters(paramLabel = "NAME", description = "of the VM") String name) {
    Lab.attach(lab.value).vm(name).destroy();
  }

  @Command(
      description = "Opens the VM's serial console, with root's shell; Ctrl-] leaves it.",
      mixinStandardHelpOptions = true)
  int console(
      @Mixin LabName lab, @Parameters(paramLabel = "NAME", description = "of the VM") String name) {
    return Terminal.run(
        Lab.attach(lab.value).vm(name).host(), List.of("virsh", "console", "--force", name));
  }
}
