package org.holdfast.migration.hold;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.ConnectionTracking;
import org.holdfast.takeover.ReceivedBytes;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.EndpointCodec;
import org.holdfast.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A holder on another host, whose firewall knows the connections: with every claim this host's
 * firewall comes to know them too, before the VM's port opens. What could not be moved the ledger
 * names.
 *
 * @param holder on the other host
 * @param tracking of this host
 */
public record FollowingFirewall(Holder holder, ConnectionTracking tracking) implements Holder {
  private static final Logger log = LoggerFactory.getLogger(FollowingFirewall.class);

  @Override
  public Claim claim(Ticket ticket, UUID domain) {
    Claim claim = holder.claim(ticket, domain);
    try {
      return new Followed(claim, adopt(claim.tracked()));
    } catch (RuntimeException e) {
      claim.close();
      throw e;
    }
  }

  /** Returns why some could not be, by the connections' numbers. */
  private Map<Integer, String> adopt(List<TrackedConnection> tracked) {
    Map<Integer, String> problems = new HashMap<>();
    for (TrackedConnection one : tracked) {
      try {
        adopt(one);
      } catch (TakeoverException | WireFormatException e) {
        log.warn("A connection is not known to this host's firewall: {}", e.getMessage());
        problems.put(
            one.getConnection(), "the target's firewall does not know it: " + e.getMessage());
      }
    }
    return problems;
  }

  private void adopt(TrackedConnection one) throws WireFormatException {
    tracking.adopt(
        address(one.getId().getLocal()),
        address(one.getId().getPeer()),
        ConnectionCodec.decode(one.getState(), "state"),
        new org.holdfast.takeover.TrackedConnection(
            one.getConnection(), one.getEntry().asReadOnlyByteBuffer(), false));
  }

  /** A scope says which link an address is of; firewalls know nothing of it. */
  private static InetSocketAddress address(Endpoint endpoint) throws WireFormatException {
    return new InetSocketAddress(
        EndpointCodec.address(endpoint.getAddress(), "id"), endpoint.getPort() & 0xffff);
  }

  /** Tells of what could not be moved when all is done. */
  private record Followed(Claim claim, Map<Integer, String> problems) implements Claim {
    @Override
    public int connections() {
      return claim.connections();
    }

    @Override
    public void passAhead(ReceivedBytes receiver) {
      claim.passAhead(receiver);
    }

    @Override
    public void take(Consumer<ReachedConnection> sink) {
      claim.take(sink);
    }

    @Override
    public void passOnParked(Consumer<ParkedFrame> receiver) {
      claim.passOnParked(receiver);
    }

    @Override
    public void opening() {
      claim.opening();
    }

    @Override
    public void opened(Consumer<ParkedFrame> late) {
      claim.opened(late);
    }

    @Override
    public List<LedgerEntry> released(List<ConformedConnection> connections) {
      return claim.released(connections.stream().map(this::withRemark).toList());
    }

    private ConformedConnection withRemark(ConformedConnection connection) {
      String problem = problems.get(connection.getConnection());
      return problem == null || !connection.getConformed()
          ? connection
          : connection.toBuilder().setProblem(problem).build();
    }

    @Override
    public void close() {
      claim.close();
    }
  }
}
