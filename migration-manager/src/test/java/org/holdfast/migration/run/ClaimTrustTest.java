package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.holdfast.access.AccessControl;
import org.holdfast.access.AccessRules;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.configuration.DaemonConfiguration.Access;
import org.holdfast.configuration.DaemonConfiguration.Permitted;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.transfer.NoTarget;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.ClaimMessage;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PrepareResponse;
import org.holdfast.proto.v1.TargetProgress;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.transport.Certificates;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.holdfast.transport.TlsIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who gets held connections, and who does not: the real transfer service behind mutual TLS, real
 * copies in a namespace.
 */
@Tag("kernel")
@Timeout(120)
class ClaimTrustTest {
  @TempDir private Path directory;
  private final Holdings holdings = new Holdings(new HoldBounds(100, 1 << 20));
  private final List<ClaimMessage> heard = new CopyOnWriteArrayList<>();
  private final Announced announced = new Announced();
  private Certificates site;
  private TlsIdentity identity;
  private Server server;
  private DaemonChannel channel;
  private String address;
  private StagedHolding held;

  @BeforeEach
  void holdAndServe() throws Exception {
    site = Certificates.in(Files.createDirectory(directory.resolve("site")));
    identity = TlsIdentity.load(site.issue("kvm1"), Duration.ofHours(1));
    server =
        NettyServerBuilder.forPort(0, identity.serverCredentials())
            .addService(new TransferServer(announced, holdings, NoTarget::run))
            .intercept(new Listening())
            .intercept(new AccessControl(rules(List.of("localhost", "kvm3"))))
            .build()
            .start();
    address = "localhost:" + server.getPort();
    channel = channelAs(identity);
    held = new StagedHolding(holdings, address, directory);
  }

  private static AccessRules rules(List<String> hosts) throws Exception {
    Permitted nobody = new Permitted(List.of(), List.of(), List.of());
    return AccessRules.of(new Access(nobody, nobody, hosts), "localhost");
  }

  private DaemonChannel channelAs(TlsIdentity caller) {
    return DaemonChannel.remote(new DaemonAddress.Remote("localhost", server.getPort()), caller);
  }

  @AfterEach
  void close() throws IOException {
    channel.close();
    server.shutdownNow();
    identity.close();
    held.close();
  }

  private Holder holder() {
    return new RemoteHolder(channel.channel(), address);
  }

  private ErrorCode refusal(Holder holder, Ticket ticket, UUID domain) {
    HoldfastException refused =
        catchThrowableOfType(HoldfastException.class, () -> holder.claim(ticket, domain).close());
    assertThat(refused).isNotNull();
    return refused.code();
  }

  @Test
  void aTicketIsGoodForOneGiveBack() {
    assertThat(held.giveBack(holder())).hasSize(2);

    assertThat(refusal(holder(), held.ticket(), held.domain())).isEqualTo(ErrorCode.NOTHING_HELD);
  }

  @Test
  void whileOneClaimsNobodyElseDoes() {
    try (Claim first = holder().claim(held.ticket(), held.domain())) {
      assertThat(first.connections()).isEqualTo(2);
      assertThat(refusal(holder(), held.ticket(), held.domain()))
          .isEqualTo(ErrorCode.ALREADY_MIGRATING);
    }
  }

  @Test
  void whatIsNotTheTicketIsRefusedAndDisturbsNothing() {
    Ticket forged = held.ticket().toBuilder().setSecret(ByteString.copyFrom(new byte[32])).build();
    Ticket stale = held.ticket().toBuilder().setMigrationId("an earlier migration").build();
    Ticket elsewhere = held.ticket().toBuilder().setHolder("kvm9:16550").build();

    assertThat(refusal(holder(), forged, held.domain())).isEqualTo(ErrorCode.CLAIM_REFUSED);
    assertThat(refusal(holder(), stale, held.domain())).isEqualTo(ErrorCode.NOTHING_HELD);
    assertThat(refusal(holder(), held.ticket(), UUID.randomUUID()))
        .isEqualTo(ErrorCode.CLAIM_REFUSED);
    assertThat(refusal(holdings, elsewhere, held.domain())).isEqualTo(ErrorCode.CLAIM_REFUSED);
    assertThat(held.giveBack(holder())).hasSize(2);
  }

  /** A host that makes a VM's target ask it instead of the holder gets nothing to claim with. */
  @Test
  void aProofMadeForOneHolderIsWorthNothingAtAnother() {
    Holder asTheIntruderIsCalled = new RemoteHolder(channel.channel(), "kvm9:16550");

    assertThat(refusal(asTheIntruderIsCalled, held.ticket(), held.domain()))
        .isEqualTo(ErrorCode.CLAIM_REFUSED);
    assertThat(heard).hasSize(1);
    ClaimMessage replayed = heard.get(0);
    assertThat(replayed.getOpen().getMigrationId()).isEqualTo(held.ticket().getMigrationId());
    assertThat(hex(replayed.toByteArray()))
        .doesNotContain(hex(held.ticket().getSecret().toByteArray()));
    assertThat(held.giveBack(holder())).hasSize(2);
  }

  @Test
  void aHostThatIsNotListedClaimsNothingEvenWithTheTicket() throws Exception {
    try (TlsIdentity stranger = identity("kvm9");
        DaemonChannel strangers = channelAs(stranger)) {
      assertThat(
              refusal(new RemoteHolder(strangers.channel(), address), held.ticket(), held.domain()))
          .isEqualTo(ErrorCode.PERMISSION_DENIED);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void aHostAnnouncesItselfOnlyAndAbandonsItsOwnOnly() throws Exception {
    try (TlsIdentity other = identity("kvm3");
        DaemonChannel others = channelAs(other)) {
      announced.holder = address;
      assertThat(codeOf(() -> prepare(others, "localhost:16550")))
          .isEqualTo(ErrorCode.PERMISSION_DENIED);
      assertThat(codeOf(() -> abandon(others))).isEqualTo(ErrorCode.PERMISSION_DENIED);
      assertThat(announced.calls).isEmpty();

      prepare(others, "kvm3:16550");
      abandon(channel);
      assertThat(announced.calls).containsExactly("prepare kvm3:16550", "abandon m-1");
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static ErrorCode codeOf(Runnable call) {
    io.grpc.StatusRuntimeException refused =
        catchThrowableOfType(io.grpc.StatusRuntimeException.class, call::run);
    assertThat(refused).isNotNull();
    return org.holdfast.api.StatusMapping.fromGrpc(refused).code();
  }

  private static void prepare(DaemonChannel caller, String holder) {
    TransferServiceGrpc.newBlockingStub(caller.channel())
        .prepare(PrepareRequest.newBuilder().setMigrationId("m-1").setHolder(holder).build());
  }

  private static void abandon(DaemonChannel caller) {
    TransferServiceGrpc.newBlockingStub(caller.channel())
        .abandon(AbandonRequest.newBuilder().setMigrationId("m-1").build());
  }

  private TlsIdentity identity(String name) throws Exception {
    Tls files = site.folder(directory.resolve(name)).issue(name, "DNS:" + name);
    return TlsIdentity.load(files, Duration.ofHours(1));
  }

  /** Notes what gets as far as the service. */
  private static final class Announced implements TransferServer.Target {
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile String holder = "";

    @Override
    public PrepareResponse prepare(PrepareRequest request) {
      calls.add("prepare " + request.getHolder());
      return PrepareResponse.getDefaultInstance();
    }

    @Override
    public Optional<String> announcer(String migrationId) {
      return Optional.of(holder);
    }

    @Override
    public void abandon(String migrationId) {
      calls.add("abandon " + migrationId);
    }

    @Override
    public void comesWithOwnSockets(String migrationId) {
      calls.add("comes with its own sockets " + migrationId);
    }

    @Override
    public void follow(String migrationId, Consumer<TargetProgress> onEnd) {
      calls.add("follow " + migrationId);
    }
  }

  /** Notes what a holder is told: all that it could replay elsewhere. */
  private final class Listening implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
        @Override
        public void onMessage(Q message) {
          if (message instanceof ClaimMessage claim && claim.hasOpen()) {
            heard.add(claim);
          }
          super.onMessage(message);
        }
      };
    }
  }
}
