package org.holdfast.lab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabContainer;
import org.holdfast.lab.ShellWord;
import org.holdfast.lab.VirtualMachine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "exec",
    description = "Runs a command as root on a host, the peer or a VM; its exit status is ours.",
    mixinStandardHelpOptions = true)
final class ExecCommand implements Callable<Integer> {
  @Mixin private LabName lab = new LabName();

  @Parameters(index = "0", paramLabel = "MACHINE", description = "kvm1, kvm2, peer or a VM")
  private String machine = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "CMD",
      description = "the command's words; put -- before them")
  private List<String> words = List.of();

  @Override
  public Integer call() {
    Lab found = Lab.attach(lab.value);
    for (LabContainer container : found.machines()) {
      if (container.name().equals(machine)) {
        return Terminal.run(container, words);
      }
    }
    VirtualMachine vm = found.vm(machine);
    List<String> command = new ArrayList<>(found.sshCommand(vm));
    if (Terminal.isThere()) {
      command.add("-t");
    }
    command.add(words.stream().map(ShellWord::of).collect(Collectors.joining(" ")));
    return Terminal.run(found.peer(), command);
  }
}
