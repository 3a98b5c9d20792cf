package org.holdfast.agent.session;

import java.time.Duration;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.Ticket;

/** What is looked at in a request before anything is done; and how it is refused. */
final class RequestChecks {
  private RequestChecks() {}

  /** A ticket that names a migration and carries a secret. */
  static Ticket ticket(Ticket ticket) throws AgentException {
    boolean named =
        !ticket.getMigrationId().isEmpty()
            && ticket.getMigrationId().length() <= AgentLimits.NAME_CHARACTERS
            && ticket.getHolder().length() <= AgentLimits.NAME_CHARACTERS;
    if (!named || ticket.getSecret().size() != AgentLimits.SECRET_BYTES) {
      throw malformed(
          "a ticket has a migration id and a secret of " + AgentLimits.SECRET_BYTES + " bytes");
    }
    return ticket;
  }

  /** Refuses a request about another migration than the one whose ticket is kept. */
  static void requireTicket(Held.Exported exported, String migrationId) throws AgentException {
    if (!exported.ticket().getMigrationId().equals(migrationId)) {
      throw new AgentException(
          AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET,
          "the ticket kept here is of another migration");
    }
  }

  /**
   * A number within its bounds.
   *
   * @param field its name, for the refusal
   */
  static int bounded(int value, int lowest, int highest, String field) throws AgentException {
    if (value < lowest || value > highest) {
      throw malformed(
          field + ": " + Integer.toUnsignedString(value) + " is not " + lowest + " to " + highest);
    }
    return value;
  }

  /** How long owners may take to stand. */
  static Duration freezeBound(int millis) throws AgentException {
    return Duration.ofMillis(
        bounded(
            millis,
            AgentLimits.LOWEST_FREEZE_MILLIS,
            AgentLimits.HIGHEST_FREEZE_MILLIS,
            "freeze_bound_millis"));
  }

  /** How long owners go on standing after an export. */
  static Duration standing(int millis) throws AgentException {
    return Duration.ofMillis(
        bounded(millis, 0, AgentLimits.HIGHEST_STANDING_MILLIS, "stand_millis"));
  }

  /** A request that means nothing. */
  static AgentException malformed(String explanation) {
    return new AgentException(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, explanation);
  }

  /** A request that has no place in what the agent holds. */
  static AgentException outOfOrder(String explanation) {
    return new AgentException(AgentErrorCode.AGENT_ERROR_CODE_OUT_OF_ORDER, explanation);
  }
}
