package org.holdfast.command;

import com.google.longrunning.Operation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.holdfast.api.HoldfastException;
import org.holdfast.proto.v1.MigrationReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What migrate, suspend and resume have in common: begin, follow, print. */
abstract class OperationVerb implements Callable<Integer> {
  @ParentCommand private @Nullable HoldfastCommand parent;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  private boolean help;

  @Option(names = "--json", description = "Prints the report as JSON on stdout.")
  private boolean json;

  @Option(
      names = "--validate",
      description = "Checks everything that can be checked beforehand and changes nothing.")
  private boolean validate;

  /** Sends the request. */
  abstract Operation begin(DaemonClient daemon, String requestId, boolean validateOnly);

  /** Checks what picocli cannot; throws with {@link #misused}. */
  abstract void check();

  /** One line for the operator when it is done. */
  abstract String success();

  /** One line for the operator when the validation found nothing against it. */
  abstract String validated();

  /** Whether progress is shown on stderr. */
  boolean verbose() {
    return false;
  }

  @Override
  public Integer call() {
    check();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (DaemonClient daemon = global().connect()) {
      Supplier<Operation> request = () -> begin(daemon, UUID.randomUUID().toString(), validate);
      if (validate) {
        print(out, OperationFollower.report(HoldfastCommand.call(daemon, request)), validated());
      } else {
        print(out, run(new OperationFollower(daemon, err), request, err), success());
      }
      return HoldfastCommand.WELL;
    } catch (HoldfastException failed) {
      failed.report().ifPresent(report -> print(out, report, ""));
      throw failed;
    }
  }

  private MigrationReport run(
      OperationFollower operation, Supplier<Operation> request, PrintWriter err) {
    if (!verbose()) {
      return operation.run(request, progress -> {});
    }
    ProgressLine line = new ProgressLine(err);
    boolean well = false;
    try {
      MigrationReport report = operation.run(request, line::show);
      well = true;
      return report;
    } finally {
      line.end(well);
    }
  }

  private void print(PrintWriter out, MigrationReport report, String headline) {
    if (json) {
      ReportPrinter.json(out, report);
      return;
    }
    if (!headline.isEmpty()) {
      out.println(headline);
    }
    if (!validate) {
      ReportPrinter.text(out, report);
    } else if (!report.getNote().isEmpty()) {
      out.println(report.getNote());
    }
    out.flush();
  }

  private GlobalOptions global() {
    return parent == null ? new GlobalOptions() : parent.global();
  }

  /** An error in how the command was called. */
  ParameterException misused(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  /**
   * Words that virsh takes by position or by option: each option that was given has its word, the
   * rest come in order.
   *
   * @param names of the options, in the order of the positions
   * @param options what was given by option, null where nothing was
   * @param positional what was given by position
   */
  List<String> words(List<String> names, List<@Nullable String> options, List<String> positional) {
    List<String> rest = new ArrayList<>(positional);
    List<String> words = new ArrayList<>();
    for (int index = 0; index < names.size(); index++) {
      String given = options.get(index);
      if (given == null && rest.isEmpty()) {
        throw misused("it needs <" + names.get(index) + ">");
      }
      words.add(given == null ? rest.remove(0) : given);
    }
    if (!rest.isEmpty()) {
      throw misused("unexpected data \"" + rest.get(0) + "\"");
    }
    return words;
  }
}
