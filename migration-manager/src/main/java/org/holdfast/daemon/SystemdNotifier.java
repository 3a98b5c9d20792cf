package org.holdfast.daemon;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how far the daemon is, as sd_notify(3) describes: one datagram to the Unix socket
 * that NOTIFY_SOCKET names. The JDK has no Unix datagram sockets; the ones of gRPC's own transport
 * serve. Without NOTIFY_SOCKET nothing happens.
 */
final class SystemdNotifier {
  private static final Logger log = LoggerFactory.getLogger(SystemdNotifier.class);

  private final @Nullable String socket;

  /**
   * @param socket NOTIFY_SOCKET: a path, or "@name" in the abstract namespace; null: no systemd
   */
  SystemdNotifier(@Nullable String socket) {
    this.socket = socket;
  }

  void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  void stopping() {
    send("STOPPING=1");
  }

  private void send(String message) {
    if (socket == null || socket.isEmpty()) {
      return;
    }
    String path = socket.startsWith("@") ? "\0" + socket.substring(1) : socket;
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel channel =
          new Bootstrap()
              .group(loop)
              .channel(EpollDomainDatagramChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(new DomainSocketAddress(path))
              .sync()
              .channel();
      channel.writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8)).sync();
      channel.close().sync();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (Exception refused) { // sync() throws what the kernel said, unchecked and checked alike
      log.warn("systemd could not be told \"{}\" through {}.", message, socket, refused);
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
