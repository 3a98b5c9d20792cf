package org.holdfast.daemon;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.holdfast.access.AccessControl;
import org.holdfast.access.AccessRules;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Listen;
import org.holdfast.configuration.DaemonConfiguration.LocalSocket;
import org.holdfast.transport.TlsIdentity;

/** One gRPC server: a way into the daemon. */
final class Door {
  /**
   * Then whoever calls shows a certificate again: one that was withdrawn does not go on for ever.
   * Calls under way end in peace.
   */
  private static final Duration OLDEST_CONNECTION = Duration.ofMinutes(10);

  /** Then a host is asked whether it still lives: what a dead one claimed is free again. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(20);

  private static final int MOST_CALLS = 512;

  private final Server server;
  private final Runnable afterwards;

  private Door(Server server, Runnable afterwards) {
    this.server = server;
    this.afterwards = afterwards;
  }

  /**
   * For callers with a certificate of our authority.
   *
   * @throws ConfigurationException the address cannot be listened on
   */
  static Door tcp(
      Listen listen, TlsIdentity identity, AccessRules rules, List<BindableService> services)
      throws ConfigurationException {
    InetSocketAddress address = new InetSocketAddress(listen.address(), listen.port());
    if (address.isUnresolved()) {
      throw new ConfigurationException(
          "listen.address: " + listen.address() + " is no address of this host.");
    }
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, identity.serverCredentials())
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(LONGEST_SILENCE.toSeconds(), TimeUnit.SECONDS)
            .maxConcurrentCallsPerConnection(MOST_CALLS)
            .maxConnectionAge(OLDEST_CONNECTION.toSeconds(), TimeUnit.SECONDS);
    return open(
        builder, rules, services, () -> {}, address.toString(), "Is another holdfastd running?");
  }

  /**
   * For processes of this host, of which the kernel says who they are.
   *
   * @throws ConfigurationException the socket cannot be made
   */
  static Door unix(LocalSocket socket, AccessRules rules, List<BindableService> services)
      throws ConfigurationException {
    SocketFile file = new SocketFile(socket, rules.admitLocalUsers());
    file.makeWay();
    EventLoopGroup accepting = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    EventLoopGroup serving = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.path().toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .protocolNegotiator(new LocalCallers())
            .bossEventLoopGroup(accepting)
            .workerEventLoopGroup(serving);
    Runnable afterwards =
        () -> {
          accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
          serving.shutdownGracefully(0, 1, TimeUnit.SECONDS);
          file.remove();
        };
    Door door =
        open(
            builder,
            rules,
            services,
            afterwards,
            socket.path().toString(),
            "See that its directory can be written to.");
    try {
      file.admit();
    } catch (ConfigurationException unfit) {
      door.close(Duration.ZERO);
      throw unfit;
    }
    return door;
  }

  private static Door open(
      NettyServerBuilder builder,
      AccessRules rules,
      List<BindableService> services,
      Runnable afterwards,
      String address,
      String advice)
      throws ConfigurationException {
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      AccessControl.requireDecided(definition);
      builder.addService(definition);
    }
    // The last one is asked first: what is refused is logged too.
    Server server = builder.intercept(new AccessControl(rules)).intercept(new CallLog()).build();
    try {
      return new Door(server.start(), afterwards);
    } catch (IOException refused) {
      afterwards.run();
      String why = refused.getCause() == null ? "" : " (" + refused.getCause().getMessage() + ")";
      throw new ConfigurationException(
          "Cannot listen on " + address + ": " + refused.getMessage() + why + ". " + advice,
          refused);
    }
  }

  /** The TCP port, or -1. */
  int port() {
    return server.getPort();
  }

  /** Lets nobody in any more, and waits so long for those inside. */
  void close(Duration patience) {
    server.shutdown();
    try {
      if (!server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException interrupted) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    afterwards.run();
  }
}
