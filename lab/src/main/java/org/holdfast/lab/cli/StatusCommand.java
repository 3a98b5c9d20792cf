package org.holdfast.lab.cli;

import java.util.List;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabContainer;
import org.holdfast.lab.VirtualMachine;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    description = "Lists the labs that are up, their machines and VMs.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Runnable {
  @Override
  public void run() {
    List<String> names = Lab.running();
    if (names.isEmpty()) {
      System.out.println("no lab is up");
    }
    names.forEach(StatusCommand::print);
  }

  private static void print(String name) {
    Lab lab = Lab.attach(name);
    System.out.println("lab " + name);
    for (LabContainer machine : lab.machines()) {
      System.out.printf("  %-20s %s%n", machine.name(), String.join("  ", lab.addresses(machine)));
    }
    for (VirtualMachine vm : lab.vms()) {
      System.out.printf("  %-20s %s  %s  %s%n", vm.name(), vm.ipv4(), vm.ipv6(), vm.whereabouts());
    }
  }
}
