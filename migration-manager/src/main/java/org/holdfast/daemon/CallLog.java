package org.holdfast.daemon;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.holdfast.access.Caller;
import org.holdfast.transport.ProductVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs who called what and how it ended, never what was said, and tells every caller the daemon's
 * version in a header.
 */
final class CallLog implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger(CallLog.class);
  private static final String VERSION = ProductVersion.current();

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return next.startCall(new LoggedCall<>(call), headers);
  }

  private static final class LoggedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private LoggedCall(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      headers.put(ProductVersion.HEADER, VERSION);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      String method = getMethodDescriptor().getFullMethodName();
      if (status.isOk()) {
        log.debug("{} for {}: done.", method, caller(this));
      } else {
        log.info("{} for {}: {}, {}", method, caller(this), status.getCode(), oneLine(status));
      }
      super.close(status, trailers);
    }
  }

  private static Caller caller(ServerCall<?, ?> call) {
    return Caller.of(call.getAttributes());
  }

  /** What a caller wrote may stand in it: no line of it may look like one of ours. */
  private static String oneLine(Status status) {
    return String.valueOf(status.getDescription()).replaceAll("\\p{Cntrl}", "?");
  }
}
