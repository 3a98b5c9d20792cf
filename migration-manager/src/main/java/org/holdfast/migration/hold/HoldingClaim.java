package org.holdfast.migration.hold;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.ReceivedBytes;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.WireFormatException;

/** A claim on this host's own holding. */
final class HoldingClaim implements HeldClaim {

  /** How far it has come. */
  private enum Step {
    GRANTED,
    TAKING,
    TAKEN,
    OPENING,
    OPENED,
    ENDED
  }

  private final Holding holding;
  private Step step = Step.GRANTED;
  private Map<Integer, Integer> ahead = Map.of();

  HoldingClaim(Holding holding) {
    this.holding = holding;
  }

  @Override
  public int connections() {
    return holding.size();
  }

  @Override
  public List<TrackedConnection> tracked() {
    require(Step.GRANTED);
    return holding.tracked();
  }

  /** Without the holding's lock: it may take long, and who asks for its state shall not wait. */
  @Override
  public void passAhead(ReceivedBytes receiver) {
    require(Step.GRANTED);
    ahead = holding.namespace().connections().passAhead(ahead, receiver);
  }

  @Override
  public void take(Consumer<ReachedConnection> sink) {
    require(Step.GRANTED);
    step = Step.TAKING;
    holding.shut();
    synchronized (holding) {
      holding
          .namespace()
          .connections()
          .exportAll(
              ahead,
              reached -> {
                HeldRecord held = holding.record(reached.index());
                if (reached.resetErrno() != 0) {
                  held.resetByPeer();
                }
                sink.accept(onTheWire(held, reached));
              });
    }
    step = Step.TAKEN;
  }

  private static ReachedConnection onTheWire(
      HeldRecord held, org.holdfast.takeover.ReachedConnection reached) {
    ConnectionState exported = held.exported().getState();
    try {
      // The copy knows neither the VM's interfaces nor the family of its sockets: both stay as they
      // were exported.
      ConnectionState state =
          ConnectionCodec.encode(
                  reached.reached(), reached.resetErrno(), OneInterface.of(exported.getId()))
              .toBuilder()
              .setId(exported.getId())
              .setFamily(exported.getFamily())
              .setReceiveQueueBytes(reached.receivedBytes())
              .build();
      return new ReachedConnection(
          reached.index(), state, reached.received(), reached.receivedBytes());
    } catch (WireFormatException e) {
      throw new HoldfastException(
          ErrorCode.GIVE_BACK_FAILED,
          "The state of connection %d cannot be told: %s"
              .formatted(reached.index(), e.getMessage()),
          ErrorCode.GIVE_BACK_FAILED.usualRemedy(),
          e);
    }
  }

  @Override
  public void passOnParked(Consumer<ParkedFrame> receiver) {
    require(Step.TAKEN, Step.OPENING, Step.OPENED);
    holding.passOnParked(frame -> receiver.accept(onTheWire(frame)));
  }

  @Override
  public void opening() {
    require(Step.TAKEN);
    step = Step.OPENING;
  }

  @Override
  public void opened(Consumer<ParkedFrame> late) {
    require(Step.TAKEN, Step.OPENING);
    step = Step.OPENED;
    holding.opened();
    holding.handOver(frame -> late.accept(onTheWire(frame)));
  }

  private static ParkedFrame onTheWire(org.holdfast.takeover.ParkedFrame frame) {
    return ParkedFrame.newBuilder()
        .setMac(ByteString.copyFrom(frame.interfaceMac().octets()))
        .setFrame(ByteString.copyFrom(frame.frame()))
        .build();
  }

  @Override
  public List<LedgerEntry> released(List<ConformedConnection> connections) {
    require(Step.OPENED);
    step = Step.ENDED;
    return holding.released(connections);
  }

  @Override
  public void close() {
    switch (step) {
      case GRANTED, TAKING, TAKEN -> holding.reopen();
      case OPENING -> holding.stayShut();
      // The VM speaks for itself though nobody said what became of its sockets.
      case OPENED -> holding.abandonedAfterOpening();
      case ENDED -> {}
    }
    step = Step.ENDED;
  }

  @Override
  public void lost() {
    if (step == Step.TAKEN) {
      step = Step.OPENING;
    }
    close();
  }

  private void require(Step... expected) {
    if (!List.of(expected).contains(step)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A claim that is %s was told what belongs to one that is %s."
              .formatted(step, Arrays.toString(expected)));
    }
  }
}
