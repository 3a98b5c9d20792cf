package org.holdfast.agent.session;

import org.jspecify.annotations.Nullable;

/** The first problem of a stream of messages; after it, the rest of the stream is passed over. */
final class ProblemHolder {
  /** Something that may be refused. */
  @FunctionalInterface
  interface Step {
    void run() throws AgentException;
  }

  private @Nullable AgentException first;

  /** Runs {@code step}, unless there was a problem before; remembers one that it meets. */
  void guard(Step step) {
    if (first != null) {
      return;
    }
    try {
      step.run();
    } catch (AgentException e) {
      remember(e);
    }
  }

  /** Remembers a problem, if it is the first. */
  void remember(AgentException problem) {
    if (first == null) {
      first = problem;
    }
  }

  /** Throws the first problem, if there was one. */
  void raise() throws AgentException {
    if (first != null) {
      throw first;
    }
  }
}
