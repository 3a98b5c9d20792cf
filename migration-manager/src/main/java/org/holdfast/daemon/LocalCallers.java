package org.holdfast.daemon;

import io.grpc.Attributes;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.grpc.netty.ProtocolNegotiationEvent;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.unix.UnixChannel;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import org.holdfast.access.Caller;
import org.holdfast.linux.PeerProcess;

/**
 * Asks the kernel who connected, before gRPC says its first word, and notes it on the connection.
 * gRPC has no public way to this; its own security layers are put in at the same place.
 */
final class LocalCallers implements ProtocolNegotiator {
  private final ProtocolNegotiator plain = InternalProtocolNegotiators.serverPlaintext();

  @Override
  public AsciiString scheme() {
    return plain.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new Asking(plain.newHandler(grpc));
  }

  @Override
  public void close() {
    plain.close();
  }

  /** Gives way to gRPC's own handler once it has asked. */
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final ChannelHandler next;

    Asking(ChannelHandler next) {
      this.next = next;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (!(event instanceof ProtocolNegotiationEvent begin)) {
        super.userEventTriggered(context, event);
        return;
      }
      PeerProcess process = PeerProcess.of(((UnixChannel) context.channel()).fd().intValue());
      Attributes known =
          InternalProtocolNegotiationEvent.getAttributes(begin).toBuilder()
              .set(Caller.PROCESS, process)
              .build();
      context.pipeline().replace(this, null, next);
      context
          .pipeline()
          .fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(begin, known));
    }
  }
}
