package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.OperationsGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.holdfast.daemon.DaemonFixture;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in through TCP, and who does not. */
@Timeout(60)
class TlsTest {
  @TempDir private Path directory;
  private final ScriptedEngine engine = new ScriptedEngine();
  private Certificates site;
  private Tls hostFiles;

  @BeforeEach
  void make() throws Exception {
    site = Certificates.in(Files.createDirectory(directory.resolve("site")));
    hostFiles = site.issue("kvm1");
  }

  private DaemonFixture daemon() throws Exception {
    return daemon("access: {read: {certificates: [localhost]}}");
  }

  private DaemonFixture daemon(String access) throws Exception {
    return DaemonFixture.start(
        directory,
        engine,
        "listen: {address: 127.0.0.1, port: 0}",
        access,
        "tls: {authority: "
            + hostFiles.authority()
            + ", certificate: "
            + hostFiles.certificate()
            + ", key: "
            + hostFiles.key()
            + "}");
  }

  private static Status.Code call(ManagedChannel channel) {
    return ending(
        () ->
            OperationsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .listOperations(ListOperationsRequest.getDefaultInstance()));
  }

  private static Status.Code ending(ThrowingCallable call) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
    return refused == null ? Status.Code.OK : refused.getStatus().getCode();
  }

  private static Status.Code suspend(ManagedChannel channel) {
    return ending(
        () ->
            MigrationServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .suspendDomain(SuspendDomainRequest.newBuilder().setDomain("web").build()));
  }

  private static Status.Code abandon(ManagedChannel channel) {
    return ending(
        () ->
            TransferServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .abandon(AbandonRequest.newBuilder().setMigrationId("m-1").build()));
  }

  private static Status.Code callAs(TlsIdentity identity, String host, int port) {
    try (DaemonChannel channel =
        DaemonChannel.remote(new DaemonAddress.Remote(host, port), identity)) {
      return call(channel.channel());
    }
  }

  @Test
  void aCallerOfTheSameAuthorityGetsInAndAnotherDoesNot() throws Exception {
    Certificates foreign = Certificates.in(Files.createDirectory(directory.resolve("foreign")));
    Tls foreignFiles = foreign.issue("intruder");
    Tls mixed = new Tls(hostFiles.authority(), foreignFiles.certificate(), foreignFiles.key());
    try (DaemonFixture daemon = daemon();
        TlsIdentity ours = TlsIdentity.load(hostFiles, Duration.ofHours(1));
        TlsIdentity theirs = TlsIdentity.load(foreignFiles, Duration.ofHours(1));
        TlsIdentity forged = TlsIdentity.load(mixed, Duration.ofHours(1))) {
      int port = daemon.daemon().tcpPort().getAsInt();

      assertThat(callAs(ours, "localhost", port)).isEqualTo(Status.Code.OK);
      assertThat(callAs(theirs, "localhost", port)).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(callAs(forged, "localhost", port)).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  /** One authority for hosts and orchestrators: the name decides what each may do. */
  @Test
  void aCertificateOpensWhatItsNameIsListedFor() throws Exception {
    engine.domain("web");
    TlsIdentity host = identity("kvm2", "DNS:kvm2,DNS:kvm2.example.org");
    TlsIdentity orchestrator = identity("orchestrator", "DNS:orchestrator.example.org");
    TlsIdentity dashboard = identity("dashboard", "DNS:dash");
    String access =
        "access: {hosts: [kvm2], act: {certificates: [orchestrator.example.org]},"
            + " read: {certificates: [dash]}}";
    try (DaemonFixture daemon = daemon(access);
        DaemonChannel asHost = channel(host, daemon);
        DaemonChannel asOrchestrator = channel(orchestrator, daemon);
        DaemonChannel asDashboard = channel(dashboard, daemon)) {
      // This daemon's engine offers nothing to hosts: past the door is UNIMPLEMENTED.
      assertThat(abandon(asHost.channel())).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(call(asHost.channel())).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(suspend(asHost.channel())).isEqualTo(Status.Code.PERMISSION_DENIED);

      assertThat(call(asDashboard.channel())).isEqualTo(Status.Code.OK);
      assertThat(suspend(asDashboard.channel())).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(engine.commands()).isEmpty();

      assertThat(call(asOrchestrator.channel())).isEqualTo(Status.Code.OK);
      assertThat(suspend(asOrchestrator.channel())).isEqualTo(Status.Code.OK);
    } finally {
      host.close();
      orchestrator.close();
      dashboard.close();
    }
  }

  private TlsIdentity identity(String name, String alternativeNames) throws Exception {
    Tls files = site.folder(directory.resolve(name)).issue(name, alternativeNames);
    return TlsIdentity.load(files, Duration.ofHours(1));
  }

  private static DaemonChannel channel(TlsIdentity identity, DaemonFixture daemon) {
    return DaemonChannel.remote(
        new DaemonAddress.Remote("localhost", daemon.daemon().tcpPort().getAsInt()), identity);
  }

  /** Both ends of a connection follow their files; whoever has only old ones stays outside. */
  @Test
  void aRenewedAuthorityLetsTheNewInAndTheOldNoMore() throws Exception {
    Path callers = directory.resolve("callers");
    Certificates old = site.folder(callers);
    Tls callerFiles = old.issue("kvm2");
    try (TlsIdentity server = TlsIdentity.load(hostFiles, Duration.ofMillis(50));
        TlsIdentity caller = TlsIdentity.load(callerFiles, Duration.ofMillis(50));
        TlsIdentity left = identity("left-behind", "DNS:localhost")) {
      io.grpc.Server daemon = server(server);
      try {
        assertThat(handshake(caller, daemon.getPort())).isTrue();
        assertThat(handshake(left, daemon.getPort())).isTrue();

        Certificates renewed = Certificates.in(Files.createDirectory(directory.resolve("renewed")));
        replace(renewed.issue("kvm1"), hostFiles);
        awaitHandshake(caller, daemon.getPort(), false);
        replace(renewed.issue("kvm2"), callerFiles);
        awaitHandshake(caller, daemon.getPort(), true);
        assertThat(handshake(left, daemon.getPort())).isFalse();
      } finally {
        daemon.shutdownNow();
      }
    }
  }

  private static io.grpc.Server server(TlsIdentity identity) throws IOException {
    return io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder.forPort(
            0, identity.serverCredentials())
        .addService(new OperationsGrpc.OperationsImplBase() {})
        .build()
        .start();
  }

  /** As an operator's tool does: the new file takes the old one's place at once. */
  private static void replace(Tls from, Tls to) throws Exception {
    Path[][] pairs = {
      {from.authority(), to.authority()},
      {from.certificate(), to.certificate()},
      {from.key(), to.key()}
    };
    for (Path[] pair : pairs) {
      FileTime before = Files.getLastModifiedTime(pair[1]);
      Path beside = pair[1].resolveSibling("beside");
      Files.copy(pair[0], beside, StandardCopyOption.REPLACE_EXISTING);
      // Files are told apart by their time of change, in whole seconds at worst.
      Files.setLastModifiedTime(
          beside, FileTime.fromMillis(before.toMillis() + Duration.ofSeconds(2).toMillis()));
      Files.move(beside, pair[1], StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Whether a new connection comes about: an unknown method is answered behind the handshake. */
  private static boolean handshake(TlsIdentity identity, int port) {
    return callAs(identity, "localhost", port) == Status.Code.UNIMPLEMENTED;
  }

  private static void awaitHandshake(TlsIdentity identity, int port, boolean wanted)
      throws InterruptedException {
    for (int attempt = 0; attempt < 200; attempt++) {
      if (handshake(identity, port) == wanted) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("handshakes go on being " + !wanted);
  }

  @Test
  void aCallerWithoutACertificateDoesNotGetIn() throws Exception {
    try (DaemonFixture daemon = daemon()) {
      int port = daemon.daemon().tcpPort().getAsInt();
      ManagedChannel nameless =
          NettyChannelBuilder.forAddress(
                  "localhost",
                  port,
                  TlsChannelCredentials.newBuilder()
                      .trustManager(hostFiles.authority().toFile())
                      .build())
              .build();
      ManagedChannel plain =
          NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();

      assertThat(call(nameless)).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(call(plain)).isEqualTo(Status.Code.UNAVAILABLE);
      nameless.shutdownNow();
      plain.shutdownNow();
    }
  }

  @Test
  void aDaemonUnderAnotherNameIsNotBelieved() throws Exception {
    try (DaemonFixture daemon = daemon();
        TlsIdentity ours = TlsIdentity.load(hostFiles, Duration.ofHours(1))) {
      int port = daemon.daemon().tcpPort().getAsInt();

      assertThat(callAs(ours, "127.0.0.1", port)).isEqualTo(Status.Code.OK);
      assertThat(callAs(ours, "127.0.0.2", port)).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  /** Through a plain JDK socket: gRPC does not show which certificate the server had. */
  private static String nameShownBy(int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    StringBuilder name = new StringBuilder();
    X509TrustManager curious =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {
            name.append(chain[0].getSubjectX500Principal().getName());
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    context.init(null, new TrustManager[] {curious}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
    } catch (java.io.IOException refusedWithoutCertificate) {
      // By then the server has shown its own.
    }
    return name.toString();
  }

  @Test
  void aRenewedCertificateIsShownWithoutARestart() throws Exception {
    try (TlsIdentity identity = TlsIdentity.load(hostFiles, Duration.ofMillis(100))) {
      io.grpc.Server server =
          io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder.forPort(
                  0, identity.serverCredentials())
              .build()
              .start();
      try {
        assertThat(nameShownBy(server.getPort())).isEqualTo("CN=kvm1");

        replace(site.folder(directory.resolve("renewed")).issue("kvm1-renewed"), hostFiles);

        String shown = "";
        for (int attempt = 0; attempt < 100 && !shown.equals("CN=kvm1-renewed"); attempt++) {
          Thread.sleep(100);
          shown = nameShownBy(server.getPort());
        }
        assertThat(shown).isEqualTo("CN=kvm1-renewed");
      } finally {
        server.shutdownNow();
      }
    }
  }

  @Test
  void filesThatCannotBeUsedAreNamed() throws Exception {
    Path none = directory.resolve("none.key");
    assertThatThrownBy(
            () ->
                TlsIdentity.load(
                    new Tls(hostFiles.authority(), hostFiles.certificate(), none),
                    Duration.ofHours(1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.key")
        .hasMessageContaining("this host's key");

    Path garbage = Files.writeString(directory.resolve("garbage.crt"), "no certificate");
    assertThatThrownBy(
            () ->
                TlsIdentity.load(
                    new Tls(hostFiles.authority(), garbage, hostFiles.key()), Duration.ofHours(1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("garbage.crt");
  }
}
