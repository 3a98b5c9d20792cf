package org.holdfast.lab.cli;

import org.holdfast.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "down",
    description = "Removes a lab and all that belongs to it; cached images stay.",
    mixinStandardHelpOptions = true)
final class DownCommand implements Runnable {
  @Mixin private LabName lab = new LabName();

  @Option(names = "--all", description = "every lab of this user")
  private boolean all;

  @Override
  public void run() {
    if (all) {
      Lab.running().forEach(DownCommand::remove);
    } else {
      remove(lab.value);
    }
  }

  private static void remove(String name) {
    Lab.remove(name);
    System.out.println("lab " + name + " is down");
  }
}
