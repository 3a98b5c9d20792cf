package org.holdfast.agent.session;

import org.holdfast.proto.agent.v1.AgentErrorCode;

/** A request the agent refuses or cannot do; becomes an AgentError for the host. */
public final class AgentException extends Exception {
  private static final long serialVersionUID = 1L;

  private final AgentErrorCode code;

  /**
   * @param code what kind of problem it is
   * @param explanation what, why, and what to do; no secrets
   */
  public AgentException(AgentErrorCode code, String explanation) {
    super(explanation);
    this.code = code;
  }

  /** What kind of problem it is. */
  public AgentErrorCode code() {
    return code;
  }

  /** The explanation. */
  public String explanation() {
    return getMessage() + "";
  }
}
