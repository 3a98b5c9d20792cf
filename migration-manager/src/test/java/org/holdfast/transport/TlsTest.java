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
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.holdfast.daemon.DaemonFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in through TCP, and who does not. */
@Timeout(60)
class TlsTest {
  @TempDir private Path directory;
  private Certificates site;
  private Tls hostFiles;

  @BeforeEach
  void make() throws Exception {
    site = Certificates.in(Files.createDirectory(directory.resolve("site")));
    hostFiles = site.issue("kvm1");
  }

  private DaemonFixture daemon() throws Exception {
    return DaemonFixture.start(
        directory,
        new ScriptedEngine(),
        "listen: {address: 127.0.0.1, port: 0}",
        "tls: {authority: "
            + hostFiles.authority()
            + ", certificate: "
            + hostFiles.certificate()
            + ", key: "
            + hostFiles.key()
            + "}");
  }

  private static Status.Code call(ManagedChannel channel) {
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                OperationsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .listOperations(ListOperationsRequest.getDefaultInstance()));
    return refused == null ? Status.Code.OK : refused.getStatus().getCode();
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
        Thread.sleep(
            1100); // files are told apart by their time of change, in whole seconds at worst

        site.issue("kvm1-renewed");

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
