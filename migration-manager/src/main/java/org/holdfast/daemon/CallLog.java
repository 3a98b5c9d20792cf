package org.holdfast.daemon;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
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
        log.info(
            "{} for {}: {}, {}", method, caller(this), status.getCode(), status.getDescription());
      }
      super.close(status, trailers);
    }
  }

  /** The name in the caller's certificate, or "the local command". */
  private static String caller(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return "the local command";
    }
    try {
      return ((X509Certificate) session.getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    } catch (SSLPeerUnverifiedException impossible) {
      return "a caller without a certificate";
    }
  }
}
