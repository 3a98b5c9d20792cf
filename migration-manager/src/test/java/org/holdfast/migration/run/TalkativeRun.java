package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.LogManager;
import org.holdfast.api.HoldfastException;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.transfer.NoTarget;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.holdfast.transport.TlsIdentity;
import org.holdfast.wire.ClaimProof;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * A takeover and its claims, as a program with the daemon's own logging at its most talkative:
 * {@code TalkativeRun DIRECTORY}, with ca.crt, host.crt and host.key in it. Leaves the secrets it
 * used in DIRECTORY/secrets, in hex, and fails in every way a claim can fail.
 */
final class TalkativeRun {
  private static final Logger log = LoggerFactory.getLogger(TalkativeRun.class);

  private TalkativeRun() {}

  public static void main(String[] arguments) throws Exception {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    LogManager.getLogManager().getLogger("").setLevel(Level.ALL);
    Path directory = Path.of(arguments[0]);
    Tls files =
        new Tls(
            directory.resolve("ca.crt"),
            directory.resolve("host.crt"),
            directory.resolve("host.key"));
    Holdings holdings = new Holdings(new HoldBounds(100, 1 << 20));
    try (TlsIdentity identity = TlsIdentity.load(files, Duration.ofHours(1))) {
      Server server =
          NettyServerBuilder.forPort(0, identity.serverCredentials())
              .addService(new TransferServer(new NoTarget(), holdings, NoTarget::run))
              .build()
              .start();
      String address = "localhost:" + server.getPort();
      try (DaemonChannel channel =
              DaemonChannel.remote(
                  new DaemonAddress.Remote("localhost", server.getPort()), identity);
          StagedHolding held = new StagedHolding(holdings, address, directory)) {
        leaveSecrets(held, address, directory.resolve("secrets"));
        claimInEveryWay(held, new RemoteHolder(channel.channel(), address));
        sayEverything(held.ticket());
      } finally {
        server.shutdownNow();
      }
    }
    System.out.println("the run is over");
  }

  private static void leaveSecrets(StagedHolding held, String address, Path file) throws Exception {
    ByteString proof = ClaimProof.of(held.ticket(), held.domain().toString(), address).mac();
    Files.writeString(file, hex(held.ticket().getSecret()) + "\n" + hex(proof) + "\n");
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static void claimInEveryWay(StagedHolding held, Holder holder) {
    try (Claim broken = holder.claim(held.ticket(), held.domain())) {
      refused(holder, held.ticket(), held.domain());
      broken.take(connection -> log.trace("{}", connection));
    }
    refused(holder, held.ticket(), UUID.randomUUID());
    refused(holder, held.ticket().toBuilder().setHolder("kvm9").build(), held.domain());
    awaitHeldAgain(held, holder);
    held.giveBack(holder);
    refused(holder, held.ticket(), held.domain());
  }

  /** A claim that was broken off is repeated, as a target does. */
  private static void awaitHeldAgain(StagedHolding held, Holder holder) {
    while (true) {
      try (Claim again = holder.claim(held.ticket(), held.domain())) {
        log.debug("held again: {}", again);
        break;
      } catch (HoldfastException notYet) {
        log.warn("not yet", notYet);
      }
    }
    // Closing it is the holder's news too.
    while (true) {
      try (Claim last = holder.claim(held.ticket(), held.domain())) {
        System.out.println("held " + last.connections());
        return;
      } catch (HoldfastException notYet) {
        log.warn("not yet", notYet);
      }
    }
  }

  private static void refused(Holder holder, Ticket ticket, UUID domain) {
    try {
      holder.claim(ticket, domain).close();
    } catch (HoldfastException refusal) {
      log.warn("refused", refusal);
      System.out.println(org.holdfast.api.StatusMapping.toProto(refusal));
    }
  }

  /** What nobody should write, written. */
  private static void sayEverything(Ticket ticket) {
    log.info("{}", ticket);
    log.info("{} {}", ticket.toBuilder(), ticket.getSecret());
    HostMessage request =
        HostMessage.newBuilder().setExport(ExportRequest.newBuilder().setTicket(ticket)).build();
    log.error("A request failed: {}", request, new IllegalStateException("on purpose"));
    log.debug("{} {} {}", request, GuestHello.newBuilder().setTicket(ticket).build(), 7);
    System.out.println(ClaimProof.of(ticket, "domain", "holder"));
  }
}
