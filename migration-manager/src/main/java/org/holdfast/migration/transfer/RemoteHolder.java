package org.holdfast.migration.transfer;

import io.grpc.Channel;
import io.grpc.StatusException;
import java.util.UUID;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.Holder;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.wire.ClaimProof;

/** Another host's daemon that holds connections of a VM which woke here. */
public final class RemoteHolder implements Holder {
  private final Channel channel;
  private final String address;

  /**
   * @param channel to the holder, already authenticated both ways
   * @param address of the holder, as it is called; what proves the ticket proves it there only
   */
  public RemoteHolder(Channel channel, String address) {
    this.channel = channel;
    this.address = address;
  }

  @Override
  public Claim claim(Ticket ticket, UUID domain) {
    return RemoteClaim.open(
        TransferServiceGrpc.newBlockingV2Stub(channel).claim(),
        address,
        ClaimProof.of(ticket, domain.toString(), address));
  }

  /** The holder's own refusal if it gave one, HOLDER_UNREACHABLE if it could not be heard. */
  static HoldfastException failure(String address, StatusException error) {
    HoldfastException told =
        StatusMapping.fromGrpc(error.getStatus().asRuntimeException(error.getTrailers()));
    if (told.code() == ErrorCode.DAEMON_UNREACHABLE) {
      return new HoldfastException(
          ErrorCode.HOLDER_UNREACHABLE,
          "The daemon at %s that holds the connections cannot be heard: %s."
              .formatted(address, error.getStatus()),
          ErrorCode.HOLDER_UNREACHABLE.usualRemedy(),
          error);
    }
    return told;
  }
}
