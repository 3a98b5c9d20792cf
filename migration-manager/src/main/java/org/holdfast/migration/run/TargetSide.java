package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PreparedInterface;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.proto.v1.TransferServiceGrpc.TransferServiceBlockingV2Stub;
import org.holdfast.takeover.VmInterface;

/** The target's daemon, as the source of one migration speaks to it. */
final class TargetSide {
  private static final Duration PREPARE_BOUND = Duration.ofSeconds(10);

  private final Host host;
  private final Destination destination;
  private final Operation operation;
  private final TransferServiceBlockingV2Stub stub;
  private final TargetFollower follower;

  TargetSide(Host host, Destination destination, Operation operation) {
    this.host = host;
    this.destination = destination;
    this.operation = operation;
    this.follower =
        new TargetFollower(
            host, operation.migrationId(), operation.domain().name(), destination.daemon());
    this.stub = TransferServiceGrpc.newBlockingV2Stub(host.peers().channel(destination.daemon()));
  }

  /**
   * Asks whether the target would have the VM, and begins to follow what becomes of it there.
   *
   * @throws HoldfastException NO_DAEMON_ON_TARGET, or the target's own reason
   */
  void prepare(List<VmInterface> interfaces) {
    PrepareRequest.Builder request =
        PrepareRequest.newBuilder()
            .setMigrationId(operation.migrationId())
            .setDomainUuid(operation.domain().uuid().toString())
            .setDomainName(operation.domain().name())
            .setSourceHost(host.name())
            .setHolder(host.address())
            .setOperationStart(Operation.timestamp(operation.timeline().operationBegin()))
            .setClaimBoundSeconds((int) host.claimBound().toSeconds());
    interfaces.forEach(one -> request.addInterfaces(prepared(one)));
    try {
      stub.withDeadlineAfter(PREPARE_BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .prepare(request.build());
    } catch (StatusException e) {
      throw refused(e);
    }
    follower.start();
  }

  private static PreparedInterface prepared(VmInterface one) {
    PreparedInterface.Builder prepared =
        PreparedInterface.newBuilder()
            .setMac(ByteString.copyFrom(one.mac().octets()))
            .setBridge(one.port().bridge());
    one.addresses()
        .forEach(
            own ->
                prepared.addAddresses(
                    InterfaceAddress.newBuilder()
                        .setAddress(ByteString.copyFrom(own.address().getAddress()))
                        .setPrefixLength(own.prefixLength())));
    return prepared.build();
  }

  private HoldfastException refused(StatusException e) {
    HoldfastException told =
        StatusMapping.fromGrpc(e.getStatus().asRuntimeException(e.getTrailers()));
    return switch (told.code()) {
      case DAEMON_UNREACHABLE, TIMEOUT ->
          new HoldfastException(
              ErrorCode.NO_DAEMON_ON_TARGET,
              "No holdfastd answers at %s: %s."
                  .formatted(destination.daemon(), e.getStatus().getDescription()),
              ErrorCode.NO_DAEMON_ON_TARGET.usualRemedy(),
              e);
      default -> told;
    };
  }

  /** Knows what becomes of the VM there. */
  TargetFollower follower() {
    return follower;
  }

  /** Nothing was taken over; does not wait for the target to have heard it. */
  void comesWithOwnSockets() {
    follower.comesWithOwnSockets();
  }

  /** The VM does not come. */
  void abandon() {
    follower.abandon();
  }
}
