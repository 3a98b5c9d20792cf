package org.holdfast.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** A caller's connection to a daemon. */
public final class DaemonChannel implements AutoCloseable {
  private static final long KEEPALIVE_SECONDS = 20;

  private final ManagedChannel channel;
  private final Runnable release;

  private DaemonChannel(ManagedChannel channel, Runnable release) {
    this.channel = channel;
    this.release = release;
  }

  /** To the daemon of this host. Nothing is sent before the first call. */
  public static DaemonChannel local(DaemonAddress.Local address) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(address.socket().toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new DaemonChannel(
        channel, () -> loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly());
  }

  /** To the daemon of another host, as whoever the identity says. */
  public static DaemonChannel remote(DaemonAddress.Remote address, TlsIdentity identity) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                address.host(), address.port(), identity.channelCredentials())
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .build();
    return new DaemonChannel(channel, () -> {});
  }

  public ManagedChannel channel() {
    return channel;
  }

  /** Breaks off what is under way on it. */
  @Override
  public void close() {
    channel.shutdownNow();
    release.run();
  }
}
