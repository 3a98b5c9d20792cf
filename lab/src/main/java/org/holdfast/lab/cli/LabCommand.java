package org.holdfast.lab.cli;

import java.io.PrintWriter;
import org.holdfast.lab.LabException;
import org.holdfast.lab.bench.BenchCommand;
import org.holdfast.lab.soak.SoakCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Entry point of ./lab.sh. */
@Command(
    name = "./lab.sh",
    description = "Two KVM hosts, a peer and virtual machines on this machine, for real.",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      VmCommand.class,
      ExecCommand.class,
      BenchCommand.class,
      SoakCommand.class
    },
    mixinStandardHelpOptions = true,
    version = "Holdfast 0.1.0",
    footer = {
      "",
      "A first round:",
      "  ./lab.sh up",
      "  ./lab.sh vm start web",
      "  ./lab.sh exec web -- uname -a",
      "  ./lab.sh exec kvm1 -- holdfast migrate --live --verbose web qemu+tcp://kvm2/system",
      "  ./lab.sh down",
      "",
      "Several labs can be up at once: give each a --name.",
      "",
      "All that either side can do to a connection around a takeover, compared with the same",
      "without one, in network namespaces; then 40 of it with a real VM, in a lab of its own (PART",
      "of a script's name chooses some):",
      "  ./lab.sh matrix [PART]",
      "",
      "Without a lab: every decoder under coverage-guided fuzzing, 10 minutes in all or so many:",
      "  ./lab.sh fuzz [MINUTES]",
      "",
      "In a lab of its own: every fault of the table in the middle of a migration (PART of a fault's",
      "name chooses some):",
      "  ./lab.sh faults [PART]",
      "",
      "In a lab of its own: a VM under load migrates to and fro, struck by faults at random moments",
      "(a seed repeats them), with memory and descriptors as it goes on:",
      "  ./lab.sh soak --migrations 200 --faults 100 [--seed S]"
    })
public final class LabCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs a command of the lab; the exit status is 0, or 1 with the error in words on stderr. */
  public static void main(String[] words) {
    CommandLine command = new CommandLine(new LabCommand());
    command.setUsageHelpWidth(100);
    command.setExecutionExceptionHandler(LabCommand::explain);
    command.setParameterExceptionHandler(LabCommand::explainWords);
    System.exit(command.execute(words));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do, or --help");
  }

  private static int explain(Exception error, CommandLine command, ParseResult parsed)
      throws Exception {
    if (!(error instanceof LabException)) {
      throw error;
    }
    PrintWriter stderr = command.getErr();
    stderr.println("error: " + error.getMessage());
    if (error.getCause() != null) {
      stderr.println("because of: " + error.getCause());
    }
    return 1;
  }

  private static int explainWords(ParameterException error, String[] words) {
    PrintWriter stderr = error.getCommandLine().getErr();
    stderr.println("error: " + error.getMessage());
    stderr.println("see: " + error.getCommandLine().getCommandName() + " --help");
    return 1;
  }
}
