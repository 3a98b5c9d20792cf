package org.holdfast.channel;

import java.util.HashSet;
import java.util.Set;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.Ticket;

/** Checks short answers of the agent, and makes their text safe. */
final class GuestAnswers {
  private static final int MAXIMUM_MISSING = 32;
  private static final int MAXIMUM_TICKET_CHARACTERS = 256;
  private static final int SECRET_BYTES = 32;

  private GuestAnswers() {}

  static GuestHello hello(GuestHello hello, PendingAnswer answer) {
    if (Integer.compareUnsigned(hello.getHighestVersion(), AgentChannel.LOWEST_VERSION) < 0
        || Integer.compareUnsigned(hello.getLowestVersion(), AgentChannel.HIGHEST_VERSION) > 0) {
      throw new AgentFailure(
          AgentFailure.Code.TOO_OLD,
          "the agent (%s) speaks versions %s to %s of the protocol, this host %d to %d"
              .formatted(
                  GuestText.safe(hello.getAgentVersion()),
                  Integer.toUnsignedString(hello.getLowestVersion()),
                  Integer.toUnsignedString(hello.getHighestVersion()),
                  AgentChannel.LOWEST_VERSION,
                  AgentChannel.HIGHEST_VERSION));
    }
    if (hello.hasTicket()) {
      checkTicket(hello.getTicket(), answer);
    }
    GuestHello.Builder safe =
        hello.toBuilder()
            .setAgentVersion(GuestText.safe(hello.getAgentVersion()))
            .setKernelRelease(GuestText.safe(hello.getKernelRelease()))
            .setBootId(GuestText.safe(hello.getBootId()))
            .clearMissing();
    hello.getMissingList().stream()
        .limit(MAXIMUM_MISSING)
        .map(GuestText::safe)
        .forEach(safe::addMissing);
    return safe.build();
  }

  private static void checkTicket(Ticket ticket, PendingAnswer answer) {
    if (ticket.getSecret().size() != SECRET_BYTES
        || isNoToken(ticket.getMigrationId())
        || isNoToken(ticket.getHolder())) {
      throw answer.malformed(Breach.FORGED_TICKET, "its ticket is none that a host has made");
    }
  }

  /** Hosts put printable ASCII without spaces into tickets. */
  private static boolean isNoToken(String text) {
    return text.isEmpty()
        || text.length() > MAXIMUM_TICKET_CHARACTERS
        || !text.chars().allMatch(character -> character > ' ' && character < 0x7f);
  }

  static ConformResult conformed(ConformResult result, ConformCommit commit, PendingAnswer answer) {
    Set<Integer> seen = new HashSet<>();
    ConformResult.Builder safe = result.toBuilder().clearConnections();
    for (ConformedConnection connection : result.getConnectionsList()) {
      if (!seen.add(connection.getConnection())) {
        throw answer.malformed(
            Breach.CONNECTION_TWICE,
            "connection " + connection.getConnection() + " is there twice");
      }
      safe.addConnections(
          connection.toBuilder().setProblem(GuestText.safe(connection.getProblem())));
    }
    if (seen.size() > commit.getConnections()) {
      throw answer.malformed(
          Breach.TOO_MANY_CONFORMED,
          seen.size() + " connections, asked for " + commit.getConnections());
    }
    return safe.build();
  }
}
