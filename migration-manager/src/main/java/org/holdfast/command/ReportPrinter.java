package org.holdfast.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import org.holdfast.proto.v1.MigrationReport;

/** Reports on stdout: for people, or as JSON with the field names of the protos. */
final class ReportPrinter {
  private ReportPrinter() {}

  static void text(PrintWriter out, MigrationReport report) {
    out.println();
    out.print(LedgerTable.render(report.getLedgerList()));
    String timeline = TimelineTable.render(report);
    if (!timeline.isEmpty()) {
      out.println();
      out.print(timeline);
    }
    out.flush();
  }

  static void json(PrintWriter out, MessageOrBuilder message) {
    try {
      out.println(
          JsonFormat.printer()
              .preservingProtoFieldNames()
              .alwaysPrintFieldsWithNoPresence()
              .print(message));
      out.flush();
    } catch (InvalidProtocolBufferException unknownAny) {
      throw new IllegalStateException(
          "A message of ours holds a type that is not ours: " + unknownAny.getMessage(),
          unknownAny);
    }
  }
}
