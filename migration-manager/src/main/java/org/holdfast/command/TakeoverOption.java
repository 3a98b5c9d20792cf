package org.holdfast.command;

import java.util.List;
import java.util.Stack;
import org.holdfast.proto.v1.TakeoverMoment;
import picocli.CommandLine;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code --takeover auto|early|late|at-iteration N}. */
final class TakeoverOption {
  private static final String AT_ITERATION = "at-iteration";
  private static final List<String> WORDS = List.of("auto", "early", "late", AT_ITERATION + " N");

  /**
   * @param iteration 0 unless it is AT_ITERATION
   */
  record Moment(TakeoverMoment moment, int iteration) {}

  @Option(
      names = "--takeover",
      paramLabel = "MOMENT",
      parameterConsumer = Words.class,
      description = {
        "When the connections are taken over, while memory is copied.",
        "auto: when QEMU's first pass over the memory nears its end (the default).",
        "early: at the beginning. late: when QEMU could switch over, or never will.",
        "at-iteration N: when QEMU begins its Nth pass over the memory."
      })
  Moment moment = new Moment(TakeoverMoment.TAKEOVER_MOMENT_AUTO, 0);

  /** Takes one word, or two. */
  static final class Words implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      String word = words.isEmpty() ? "" : words.pop();
      Moment moment =
          switch (word) {
            case "auto" -> new Moment(TakeoverMoment.TAKEOVER_MOMENT_AUTO, 0);
            case "early" -> new Moment(TakeoverMoment.TAKEOVER_MOMENT_EARLY, 0);
            case "late" -> new Moment(TakeoverMoment.TAKEOVER_MOMENT_LATE, 0);
            case AT_ITERATION ->
                new Moment(
                    TakeoverMoment.TAKEOVER_MOMENT_AT_ITERATION,
                    number(words, command.commandLine()));
            default ->
                throw new ParameterException(
                    command.commandLine(),
                    "Invalid value for option '--takeover': \"%s\" is none of %s"
                        .formatted(word, String.join(", ", WORDS)));
          };
      option.setValue(moment);
    }

    private static int number(Stack<String> words, CommandLine command) {
      String word = words.isEmpty() ? "" : words.pop();
      if (!word.matches("[1-9][0-9]{0,5}")) {
        throw new ParameterException(
            command, "--takeover at-iteration takes a number from 1, not \"" + word + "\"");
      }
      return Integer.parseInt(word);
    }
  }
}
