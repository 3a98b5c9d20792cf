package org.holdfast.command;

import static org.holdfast.command.TextTable.Column.left;
import static org.holdfast.command.TextTable.Column.right;

import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import java.io.PrintWriter;
import java.util.Locale;
import org.holdfast.api.StatusMapping;
import org.holdfast.proto.v1.OperationProgress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast operations}: what is under way, and what was. */
@Command(name = "operations", description = "Lists the daemon's operations, the newest first.")
final class OperationsVerb extends QueryVerb {
  @Option(names = "--running", description = "Only those under way.")
  private boolean running;

  @Override
  void ask(DaemonClient daemon, PrintWriter out) {
    TextTable table =
        new TextTable(
            left("Operation"),
            left("Verb"),
            left("Domain"),
            left("Phase"),
            right("Progress"),
            left("Begun"),
            left("Result"));
    String token = "";
    do {
      ListOperationsResponse page =
          daemon
              .operations()
              .listOperations(
                  ListOperationsRequest.newBuilder()
                      .setName("operations")
                      .setFilter(running ? "done=false" : "")
                      .setPageToken(token)
                      .build());
      page.getOperationsList().forEach(operation -> row(table, operation));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    out.print(table.render());
  }

  private static void row(TextTable table, Operation operation) {
    OperationProgress progress = progress(operation.getMetadata());
    table.row(
        operation.getName(),
        progress.getVerb(),
        progress.getDomain(),
        Words.phase(progress.getPhase()),
        String.format(Locale.ROOT, "%.2f %%", progress.getPercent()),
        progress.hasStartTime() ? Timestamps.toString(progress.getStartTime()) : "",
        result(operation));
  }

  private static String result(Operation operation) {
    if (!operation.getDone()) {
      return "under way";
    }
    return operation.hasError()
        ? StatusMapping.fromProto(operation.getError()).code().name()
        : "well";
  }

  private static OperationProgress progress(Any metadata) {
    try {
      return metadata.unpack(OperationProgress.class);
    } catch (InvalidProtocolBufferException foreign) {
      return OperationProgress.getDefaultInstance();
    }
  }
}
