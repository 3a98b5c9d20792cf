package org.holdfast.command;

import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.OperationsGrpc.OperationsBlockingStub;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.MigrationServiceGrpc.MigrationServiceBlockingStub;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.holdfast.transport.TlsIdentity;

/** The daemon, as the command calls it. */
final class DaemonClient implements AutoCloseable {
  private final DaemonAddress address;
  private final DaemonChannel channel;
  private final Runnable release;

  private DaemonClient(DaemonAddress address, DaemonChannel channel, Runnable release) {
    this.address = address;
    this.channel = channel;
    this.release = release;
  }

  /**
   * @param tlsDirectory with ca.crt, host.crt and host.key, for a daemon elsewhere
   * @throws HoldfastException nobody is there to be called, or we may not call
   */
  static DaemonClient connect(DaemonAddress address, Path tlsDirectory) {
    if (address instanceof DaemonAddress.Local local) {
      refuseEarly(local);
      return new DaemonClient(address, DaemonChannel.local(local), () -> {});
    }
    if (address instanceof DaemonAddress.Remote remote) {
      TlsIdentity identity = identity(tlsDirectory);
      return new DaemonClient(address, DaemonChannel.remote(remote, identity), identity::close);
    }
    throw new IllegalStateException("an address that is neither local nor remote: " + address);
  }

  /** The two usual reasons, said better than a failed connect(2) says them. */
  private static void refuseEarly(DaemonAddress.Local local) {
    if (!Files.exists(local.socket())) {
      throw new HoldfastException(
          ErrorCode.DAEMON_UNREACHABLE, "There is no daemon at " + local + ".");
    }
    if (!Files.isWritable(local.socket())) {
      throw new HoldfastException(
          ErrorCode.PERMISSION_DENIED, "This user may not call the daemon at " + local + ".");
    }
  }

  private static TlsIdentity identity(Path directory) {
    try {
      return TlsIdentity.load(
          new Tls(
              directory.resolve("ca.crt"),
              directory.resolve("host.crt"),
              directory.resolve("host.key")),
          Duration.ofHours(1));
    } catch (ConfigurationException unusable) {
      throw new HoldfastException(
          ErrorCode.UNAUTHENTICATED,
          String.valueOf(unusable.getMessage()),
          "Name a directory with ca.crt, host.crt and host.key with --tls-dir.",
          unusable);
    }
  }

  DaemonAddress address() {
    return address;
  }

  MigrationServiceBlockingStub migration() {
    return MigrationServiceGrpc.newBlockingStub(channel.channel());
  }

  OperationsBlockingStub operations() {
    return OperationsGrpc.newBlockingStub(channel.channel());
  }

  HealthBlockingStub health() {
    return HealthGrpc.newBlockingStub(channel.channel());
  }

  /** A failed call as an error for the operator. */
  HoldfastException explain(StatusRuntimeException error) {
    HoldfastException failure = StatusMapping.fromGrpc(error);
    if (error.getStatus().getCode() != Status.Code.UNAVAILABLE
        || failure.code() != ErrorCode.DAEMON_UNREACHABLE) {
      return failure;
    }
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new HoldfastException(
        failure.code(),
        "The daemon at " + address + " does not answer: " + root.getMessage() + ".",
        failure.remedy(),
        error);
  }

  @Override
  public void close() {
    channel.close();
    release.run();
  }
}
