package org.holdfast.command;

import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.OperationsGrpc.OperationsImplBase;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.api.HoldfastException;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.transport.DaemonAddress;
import picocli.CommandLine.Command;

/**
 * {@code holdfast warm-up}, for the package's installation: loads what the other verbs load, so
 * that the JVM can archive the classes for a quick start. Calls a server of its own that does
 * nothing, and changes nothing.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpVerb implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("holdfast");
    Path socket = directory.resolve("socket");
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    Server idle =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .addService(new HealthStatusManager().getHealthService())
            .addService(new OperationsImplBase() {})
            .build()
            .start();
    try (DaemonClient daemon = DaemonClient.connect(new DaemonAddress.Local(socket), directory)) {
      callAndPrint(daemon, new PrintWriter(PrintWriter.nullWriter()));
    } finally {
      idle.shutdownNow();
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
    return HoldfastCommand.WELL;
  }

  private static void callAndPrint(DaemonClient daemon, PrintWriter nowhere) {
    nowhere.println(daemon.health().check(HealthCheckRequest.getDefaultInstance()));
    try {
      nowhere.println(
          daemon.operations().listOperations(ListOperationsRequest.getDefaultInstance()));
    } catch (StatusRuntimeException unimplemented) {
      HoldfastException expected = daemon.explain(unimplemented);
      nowhere.println(expected.whatHappened() + expected.remedy());
    }
    ReportPrinter.text(nowhere, MigrationReport.getDefaultInstance());
    ReportPrinter.json(nowhere, MigrationReport.getDefaultInstance());
  }
}
