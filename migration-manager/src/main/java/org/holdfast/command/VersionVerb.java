package org.holdfast.command;

import java.util.concurrent.Callable;
import org.holdfast.transport.ProductVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code holdfast version}: of the command; the daemon's is in {@code holdfast status}. */
@Command(name = "version", description = "Says which version this command is.")
final class VersionVerb implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().getOut().println("holdfast " + ProductVersion.current());
    spec.commandLine().getOut().flush();
    return HoldfastCommand.WELL;
  }
}
