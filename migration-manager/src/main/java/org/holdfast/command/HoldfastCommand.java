package org.holdfast.command;

import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.util.function.Supplier;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast}: the verbs, and how every one of them fails. Exit 0 or 1, never another. */
@Command(
    name = "holdfast",
    description = "Moves, suspends and resumes virtual machines and keeps their TCP connections.",
    versionProvider = VersionVerb.class,
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    subcommands = {
      MigrateVerb.class,
      SuspendVerb.class,
      ResumeVerb.class,
      ConnectionsVerb.class,
      OperationsVerb.class,
      CancelVerb.class,
      StatusVerb.class,
      VersionVerb.class,
      WarmUpVerb.class,
      HelpCommand.class
    })
final class HoldfastCommand implements Runnable {
  /** All went well. */
  static final int WELL = 0;

  /** Anything else; virsh knows no other either. */
  static final int FAILED = 1;

  @Mixin private GlobalOptions global = new GlobalOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this; \"holdfast VERB --help\" shows a verb.")
  private boolean help;

  @Option(
      names = {"-v", "--version"},
      versionHelp = true,
      description = "Says which version this command is.")
  private boolean version;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The command ready to be executed; tests give it writers of their own. */
  static CommandLine create() {
    CommandLine line = new CommandLine(new HoldfastCommand());
    return line.setParameterExceptionHandler(misused())
        .setExecutionExceptionHandler(failed())
        .setUsageHelpAutoWidth(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no verb was given");
  }

  GlobalOptions global() {
    return global;
  }

  private static IParameterExceptionHandler misused() {
    return (misuse, arguments) -> {
      CommandLine line = misuse.getCommandLine();
      PrintWriter err = line.getErr();
      err.println("error: " + misuse.getMessage());
      err.println("\"" + line.getCommandSpec().qualifiedName() + " --help\" shows how it is used.");
      err.flush();
      return FAILED;
    };
  }

  private static IExecutionExceptionHandler failed() {
    return (thrown, line, parsed) -> {
      HoldfastException failure = StatusMapping.asHoldfastException(thrown);
      PrintWriter err = line.getErr();
      err.println("error: " + failure.whatHappened());
      err.println(failure.remedy());
      err.flush();
      return FAILED;
    };
  }

  /** A call to the daemon whose failure is told as {@link DaemonClient#explain} does. */
  static <T> T call(DaemonClient daemon, Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException failed) {
      throw daemon.explain(failed);
    }
  }
}
