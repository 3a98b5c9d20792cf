package org.holdfast.channel;

import java.util.Optional;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.jspecify.annotations.Nullable;

/** The agent did not do what it was asked to; says what, why, and what can be done about it. */
public final class AgentFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Code {
    /** Nobody has ever answered: no channel, or no agent in the guest. */
    ABSENT,
    /** The agent has answered before, but not now, or not in time. */
    SILENT,
    /** The agent speaks no version of the protocol that this host speaks. */
    TOO_OLD,
    /** The agent said no; {@link AgentFailure#agentCode()} says why. */
    REFUSED,
    /** The agent's answer breaks the protocol. */
    MALFORMED,
    /** The agent's answer is beyond the bounds set for a guest. */
    TOO_LARGE,
    /** The channel was closed: the VM has ended or moved away. */
    DISCONNECTED,
    /** The waiting thread was interrupted. */
    INTERRUPTED
  }

  private final Code code;
  private final AgentErrorCode agentCode;
  private final @Nullable Breach breach;

  AgentFailure(Code code, String message) {
    this(code, message, null);
  }

  AgentFailure(Code code, String message, @Nullable Throwable cause) {
    this(code, null, message, cause);
  }

  AgentFailure(Code code, @Nullable Breach breach, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.breach = breach;
    this.agentCode = AgentErrorCode.AGENT_ERROR_CODE_UNSPECIFIED;
  }

  private AgentFailure(AgentErrorCode agentCode, String message) {
    super(message);
    this.breach = null;
    this.code = agentCode == AgentErrorCode.AGENT_ERROR_CODE_VERSION ? Code.TOO_OLD : Code.REFUSED;
    this.agentCode = agentCode;
  }

  static AgentFailure refused(String operation, AgentErrorCode agentCode, String words) {
    return new AgentFailure(
        agentCode, "the agent refused to " + operation + ": " + words + " (" + agentCode + ")");
  }

  /** The same failure for somebody else who waited for the same channel. */
  AgentFailure again() {
    return new AgentFailure(code, breach, String.valueOf(getMessage()), this);
  }

  /** Why. */
  public Code code() {
    return code;
  }

  /** In which way the agent's answer is MALFORMED or TOO_LARGE; empty for other codes. */
  public Optional<Breach> breach() {
    return Optional.ofNullable(breach);
  }

  /** The agent's own code; UNSPECIFIED unless it refused. */
  public AgentErrorCode agentCode() {
    return agentCode;
  }
}
