package org.holdfast.agent.rehearsal;

/** The agent's own connections did not come through a rehearsal; says what happened. */
final class RehearsalException extends Exception {
  private static final long serialVersionUID = 1L;

  RehearsalException(String explanation) {
    super(explanation);
  }
}
