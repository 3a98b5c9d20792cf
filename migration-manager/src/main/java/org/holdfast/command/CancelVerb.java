package org.holdfast.command;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.WaitOperationRequest;
import java.io.PrintWriter;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code holdfast cancel}: what Ctrl-C does, from another terminal. */
@Command(name = "cancel", description = "Cancels an operation and waits until all is rolled back.")
final class CancelVerb extends QueryVerb {
  @Parameters(paramLabel = "OPERATION", description = "As \"holdfast operations\" names it.")
  private String operation = "";

  @Override
  void ask(DaemonClient daemon, PrintWriter out) {
    String name = operation.startsWith("operations/") ? operation : "operations/" + operation;
    daemon.operations().cancelOperation(CancelOperationRequest.newBuilder().setName(name).build());
    Operation end =
        daemon.operations().waitOperation(WaitOperationRequest.newBuilder().setName(name).build());
    if (!end.hasError()) {
      throw new HoldfastException(
          ErrorCode.TOO_LATE_TO_CANCEL, "The operation " + name + " was done before.");
    }
    HoldfastException how = StatusMapping.fromProto(end.getError());
    if (how.code() != ErrorCode.CANCELLED) {
      throw how;
    }
    out.println("Operation " + name + " cancelled and rolled back");
  }
}
