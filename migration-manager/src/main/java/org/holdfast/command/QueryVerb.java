package org.holdfast.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What the verbs have in common that ask one question and print the answer. */
abstract class QueryVerb implements Callable<Integer> {
  @ParentCommand private @Nullable HoldfastCommand parent;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  /** Asks and prints. */
  abstract void ask(DaemonClient daemon, PrintWriter out);

  @Override
  public Integer call() {
    GlobalOptions global = parent == null ? new GlobalOptions() : parent.global();
    PrintWriter out = spec.commandLine().getOut();
    try (DaemonClient daemon = global.connect()) {
      HoldfastCommand.call(
          daemon,
          () -> {
            ask(daemon, out);
            return HoldfastCommand.WELL;
          });
    }
    out.flush();
    return HoldfastCommand.WELL;
  }
}
