package org.holdfast.migration.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.channel.AgentFailure;
import org.holdfast.channel.ConformTransfer;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.record.Timeline;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.wire.ConnectionToken;
import org.holdfast.wire.MacAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a VM's connections back to it: claim, conform, open, release (patent FIG. 12, blocks
 * 148-162). The VM runs, its ports are fenced; who holds the connections, this host or another,
 * makes no difference here.
 */
final class GiveBack {
  private static final Logger log = LoggerFactory.getLogger(GiveBack.class);

  private final UUID domain;
  private final GuestAgent agent;
  private final GuestPorts ports;
  private final Timeline timeline;
  private boolean open;

  GiveBack(UUID domain, GuestAgent agent, GuestPorts ports, Timeline timeline) {
    this.domain = domain;
    this.agent = agent;
    this.ports = ports;
    this.timeline = timeline;
  }

  /**
   * Does it once.
   *
   * @param holder of the connections
   * @param ticket as the agent showed it
   * @return the ledger; empty if the holder was not heard to the end
   * @throws HoldfastException NOTHING_HELD: the guest has its own sockets, the ports may be opened;
   *     anything else: the holder holds on, and the claim may be repeated, unless {@link #isOpen}:
   *     then the next agent is to forget the ticket
   */
  List<LedgerEntry> run(Holder holder, Ticket ticket) {
    try (Claim claim = timeline.recordValue("claim", () -> holder.claim(ticket, domain));
        ConformTransfer transfer = agent.channel().beginConform()) {
      passAhead(claim, transfer);
      agent.tell(
          domain.toString(),
          timeline.recordValue(
              "stand ready",
              () -> agent.channel().ready(TakeOver.FREEZE_BOUND, domain.toString())));
      passAhead(claim, transfer); // what peers have sent while the agent made ready
      ConformResult conformed = conform(claim, ticket, transfer);
      timeline.record("pass on parked", () -> claim.passOnParked(this::inject));
      claim.opening();
      open = true;
      timeline.record("open", ports::open);
      boolean heard = isHeard(() -> claim.opened(this::inject));
      ports.announce();
      Optional<AgentFailure> died = release(ticket);
      List<ConformedConnection> served =
          conformed.getConnectionsList().stream()
              .map(connection -> died.isPresent() ? unlessUnsent(connection) : connection)
              .toList();
      agent.tell(
          "{}: {} connections given back; the agent froze for {} us, conformed for {} us",
          domain,
          conformed.getConnectionsCount(),
          conformed.getFreezeMicros(),
          conformed.getConformMicros());
      List<LedgerEntry> ledger = new ArrayList<>();
      if (heard) {
        timeline.record("drop copies", () -> isHeard(() -> ledger.addAll(claim.released(served))));
      }
      if (died.isPresent()) {
        throw died.get();
      }
      return ledger;
    } catch (AgentFailure failure) {
      throw GuestAgent.told(domain.toString(), failure);
    } catch (Exception e) {
      throw StatusMapping.asHoldfastException(e);
    }
  }

  /** What applications have written meanwhile was with the agent alone, for the release. */
  private static ConformedConnection unlessUnsent(ConformedConnection connection) {
    return connection.getBytesWrittenSince() == 0
        ? connection
        : connection.toBuilder()
            .setConformed(false)
            .setProblem("the agent died before it had sent what the application had written")
            .build();
  }

  /**
   * The guest has its connections even if this fails: the next agent lets their owners run, and
   * ends those of which something was still to be sent.
   */
  private Optional<AgentFailure> release(Ticket ticket) {
    try {
      timeline.record("release", () -> agent.channel().release(ticket.getMigrationId()));
      return Optional.empty();
    } catch (AgentFailure failure) {
      return Optional.of(failure);
    }
  }

  /** Whether the VM's port is open, or may be: then its connections must not be claimed again. */
  boolean isOpen() {
    return open;
  }

  /** With its port open the guest needs its holder no more, and the only way is forward. */
  private boolean isHeard(Runnable word) {
    try {
      word.run();
      return true;
    } catch (RuntimeException broken) {
      log.warn("{}: its holder does not do it any more: {}", domain, broken.getMessage());
      return false;
    }
  }

  /** Returns when the guest has all of it: what is still on its way would be in the blackout. */
  private void passAhead(Claim claim, ConformTransfer transfer) {
    if (!agent.hello().getTakesAhead()) {
      return;
    }
    timeline.record(
        "ahead",
        () -> {
          boolean[] any = {false};
          claim.passAhead(
              (connection, bytes) -> {
                any[0] = true;
                transfer.received(connection, bytes);
              });
          if (any[0]) {
            agent.channel().ping();
          }
        });
  }

  private ConformResult conform(Claim claim, Ticket ticket, ConformTransfer transfer)
      throws Exception {
    ConnectionToken tokens =
        new ConnectionToken(ticket.getSecret(), ticket.getMigrationId(), domain.toString());
    int[] handedOver = {0};
    timeline.record(
        "transfer",
        () ->
            claim.take(
                reached -> {
                  handedOver[0]++;
                  transfer.connection(
                      ConformRequest.newBuilder()
                          .setConnection(reached.index())
                          .setReached(reached.reached())
                          .setToken(tokens.of(reached.reached().getId()))
                          .build());
                  reached.received().forEach(part -> transfer.received(reached.index(), part));
                }));
    return timeline.recordValue(
        "conform",
        () ->
            transfer.commit(
                ConformCommit.newBuilder()
                    .setMigrationId(ticket.getMigrationId())
                    .setDomainUuid(domain.toString())
                    .setConnections(handedOver[0])
                    .build()));
  }

  private void inject(ParkedFrame frame) {
    ports.inject(
        new org.holdfast.takeover.ParkedFrame(
            MacAddress.of(frame.getMac().toByteArray()), frame.getFrame().toByteArray()));
  }
}
