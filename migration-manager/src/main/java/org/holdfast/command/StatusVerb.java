package org.holdfast.command;

import com.google.longrunning.ListOperationsRequest;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.stub.MetadataUtils;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.transport.ProductVersion;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code holdfast status}: whether the daemon answers, and how busy it is. Exit 1 if not. */
@Command(name = "status", description = "Says whether the daemon answers and what it is doing.")
final class StatusVerb extends QueryVerb {
  @Override
  void ask(DaemonClient daemon, PrintWriter out) {
    AtomicReference<@Nullable Metadata> headers = new AtomicReference<>();
    AtomicReference<@Nullable Metadata> trailers = new AtomicReference<>();
    ServingStatus status =
        daemon
            .health()
            .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus();
    Metadata told = headers.get();
    String version = told == null ? null : told.get(ProductVersion.HEADER);
    int running =
        daemon
            .operations()
            .listOperations(
                ListOperationsRequest.newBuilder()
                    .setName("operations")
                    .setFilter("done=false")
                    .setPageSize(Short.MAX_VALUE)
                    .build())
            .getOperationsCount();
    out.println("Daemon:      " + daemon.address());
    out.println("Version:     " + (version == null ? "not told" : version));
    out.println("Health:      " + status);
    out.println("Under way:   " + running + (running == 1 ? " operation" : " operations"));
    if (status != ServingStatus.SERVING) {
      out.flush();
      throw new HoldfastException(
          ErrorCode.DAEMON_UNREACHABLE, "The daemon at " + daemon.address() + " does not serve.");
    }
  }
}
