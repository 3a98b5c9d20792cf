package org.holdfast.command;

import java.util.concurrent.Callable;
import org.holdfast.transport.ProductVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code holdfast version}, and {@code --version}: of the command; the daemon's is in {@code
 * holdfast status}.
 */
@Command(
    name = "version",
    versionProvider = VersionVerb.class,
    description = "Says which version this command is.")
final class VersionVerb implements Callable<Integer>, IVersionProvider {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().printVersionHelp(spec.commandLine().getOut());
    return HoldfastCommand.WELL;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"holdfast " + ProductVersion.current()};
  }
}
