package org.holdfast.command;

import com.google.longrunning.ListOperationsRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.holdfast.api.HoldfastException;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.transport.DaemonAddress;
import picocli.CommandLine.Command;

/**
 * {@code holdfast warm-up}, for the package's installation: loads what the other verbs load, so
 * that the JVM can archive the classes for a quick start. Calls a socket nobody serves, changes
 * nothing.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpVerb implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("holdfast");
    Path socket = directory.resolve("socket");
    try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      deaf.bind(UnixDomainSocketAddress.of(socket));
      try (DaemonClient daemon = DaemonClient.connect(new DaemonAddress.Local(socket), directory)) {
        callInVain(daemon);
      }
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
    PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
    ReportPrinter.text(nowhere, MigrationReport.getDefaultInstance());
    ReportPrinter.json(nowhere, MigrationReport.getDefaultInstance());
    return HoldfastCommand.WELL;
  }

  private static void callInVain(DaemonClient daemon) {
    try {
      daemon
          .operations()
          .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
          .listOperations(ListOperationsRequest.getDefaultInstance());
    } catch (StatusRuntimeException deadline) {
      HoldfastException expected = daemon.explain(deadline);
      assert expected.code() != null;
    }
  }
}
