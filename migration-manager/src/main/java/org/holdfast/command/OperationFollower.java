package org.holdfast.command;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.WatchMigrationRequest;

/**
 * Begins an operation and stays with it to its end. Ctrl-C cancels it and stays until it is rolled
 * back; a second one leaves the roll back to the daemon. A Ctrl-C while the daemon is still about
 * its preflight counts as soon as the operation has a name: it must not go on unseen.
 */
final class OperationFollower {
  private final DaemonClient daemon;
  private final PrintWriter err;
  private final Object lock = new Object();
  private String name = "";
  private boolean cancelled;
  private String told = "";

  OperationFollower(DaemonClient daemon, PrintWriter err) {
    this.daemon = daemon;
    this.err = err;
  }

  /**
   * @param request begins the operation
   * @param progress hears every state the daemon tells
   * @return the report
   * @throws HoldfastException the operation was refused, failed or was cancelled, or the daemon
   *     went away
   */
  MigrationReport run(Supplier<Operation> request, Consumer<OperationProgress> progress) {
    try (Interrupts interrupts = new Interrupts(this::cancel, this::leave)) {
      begun(HoldfastCommand.call(daemon, request));
      return follow(progress);
    }
  }

  private void begun(Operation operation) {
    boolean unwanted;
    synchronized (lock) {
      name = operation.getName();
      unwanted = cancelled;
    }
    if (unwanted) {
      sendCancel();
    }
  }

  private MigrationReport follow(Consumer<OperationProgress> progress) {
    try {
      Iterator<OperationProgress> states =
          daemon
              .migration()
              .watchMigration(WatchMigrationRequest.newBuilder().setOperation(name).build());
      while (states.hasNext()) {
        OperationProgress state = states.next();
        progress.accept(state);
        tellWaiting(state.getWaitingFor());
      }
      return report(
          daemon.operations().getOperation(GetOperationRequest.newBuilder().setName(name).build()));
    } catch (StatusRuntimeException lost) {
      HoldfastException why = daemon.explain(lost);
      throw new HoldfastException(
          why.code(),
          why.whatHappened(),
          "The operation " + name + " may still be under way; \"holdfast operations\" tells.",
          lost);
    }
  }

  /** Each reason once, however often it is told. */
  private void tellWaiting(String what) {
    if (!what.isEmpty() && !what.equals(told)) {
      told = what;
      err.println();
      err.println("Waiting: " + what + " It is tried again.");
      err.flush();
    }
  }

  private void cancel() {
    err.println();
    err.println(
        "Cancelling; waiting until all is rolled back. Ctrl-C again leaves it to the daemon.");
    err.flush();
    boolean begun;
    synchronized (lock) {
      cancelled = true;
      begun = !name.isEmpty();
    }
    if (begun) {
      sendCancel();
    }
  }

  private void sendCancel() {
    try {
      daemon
          .operations()
          .cancelOperation(CancelOperationRequest.newBuilder().setName(name).build());
    } catch (StatusRuntimeException refused) {
      HoldfastException why = daemon.explain(refused);
      err.println(why.whatHappened() + " " + why.remedy());
      err.flush();
    }
  }

  private void leave() {
    err.println();
    err.println("error: Left before the roll back was done; the daemon completes it.");
    err.println("\"holdfast operations\" shows how far it is.");
    err.flush();
    Runtime.getRuntime().halt(HoldfastCommand.FAILED);
  }

  /** The report of an operation that is done, or the error it ended with. */
  static MigrationReport report(Operation operation) {
    if (operation.hasError()) {
      throw StatusMapping.fromProto(operation.getError());
    }
    try {
      return operation.getResponse().unpack(MigrationReport.class);
    } catch (InvalidProtocolBufferException foreign) {
      throw new HoldfastException(
          ErrorCode.TARGET_DAEMON_INCOMPATIBLE,
          "The daemon's answer is not a report this command can read.",
          "Use the command of the daemon's own version.",
          foreign);
    }
  }
}
