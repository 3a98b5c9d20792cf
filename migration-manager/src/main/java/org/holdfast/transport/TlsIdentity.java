package org.holdfast.transport;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this host is to others, and whom it believes: certificate, key and authority, read again when
 * the files change. Servers and channels made of it follow without a restart.
 */
public final class TlsIdentity implements AutoCloseable {
  /** A renewed certificate counts after this at the latest. */
  public static final Duration USUAL_PERIOD = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);

  private final AdvancedTlsX509KeyManager key = new AdvancedTlsX509KeyManager();
  private final AdvancedTlsX509TrustManager trust;
  private final ScheduledExecutorService reader =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "certificates");
            thread.setDaemon(true);
            return thread;
          });

  private volatile List<FileTime> lastRead = List.of();

  private TlsIdentity() throws GeneralSecurityException {
    trust = AdvancedTlsX509TrustManager.newBuilder().build();
  }

  /**
   * @param period how often the files are looked at
   * @throws ConfigurationException a file is missing, unreadable, not PEM, or key and certificate
   *     do not belong together
   */
  public static TlsIdentity load(Tls files, Duration period) throws ConfigurationException {
    readable(files.authority(), "the authority's certificate");
    readable(files.certificate(), "this host's certificate");
    readable(files.key(), "this host's key");
    try {
      TlsIdentity identity = new TlsIdentity();
      identity.read(files);
      identity.follow(files, period);
      return identity;
    } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
      throw new ConfigurationException(
          "The TLS files "
              + files.authority()
              + ", "
              + files.certificate()
              + " and "
              + files.key()
              + " cannot be used: "
              + unusable.getMessage()
              + ". They must be PEM, the key PKCS#8 and the certificate's own.",
          unusable);
    }
  }

  private void follow(Tls files, Duration period) {
    ScheduledFuture<?> ended =
        reader.scheduleWithFixedDelay(
            () -> readAgainIfChanged(files),
            period.toMillis(),
            period.toMillis(),
            TimeUnit.MILLISECONDS);
    log.debug("Following {}: {}.", files.certificate(), ended);
  }

  private void read(Tls files) throws IOException, GeneralSecurityException {
    List<FileTime> seen = timesOfChange(files);
    trust.updateTrustCredentials(files.authority().toFile());
    key.updateIdentityCredentials(files.certificate().toFile(), files.key().toFile());
    lastRead = seen;
  }

  /**
   * gRPC can follow files too, but looks once a minute at most, and only reads a certificate again
   * when the key has changed with it: a renewed certificate of the same key would never count.
   */
  private void readAgainIfChanged(Tls files) {
    try {
      if (!timesOfChange(files).equals(lastRead)) {
        read(files);
        log.info("The TLS files were read again: {} is in use.", files.certificate());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException unusable) {
      // Perhaps half of it is written; the next look will tell. What was read before stays in use.
      log.warn("The TLS files changed and cannot be used yet: {}", String.valueOf(unusable));
    }
  }

  private static List<FileTime> timesOfChange(Tls files) throws IOException {
    return List.of(
        Files.getLastModifiedTime(files.authority()),
        Files.getLastModifiedTime(files.certificate()),
        Files.getLastModifiedTime(files.key()));
  }

  private static void readable(Path file, String what) throws ConfigurationException {
    if (!Files.isReadable(file)) {
      throw new ConfigurationException(
          file + ", " + what + ", cannot be read: it is missing, or this user may not.");
    }
  }

  /** For a server that demands a certificate of the same authority from every caller. */
  public ServerCredentials serverCredentials() {
    return TlsServerCredentials.newBuilder()
        .keyManager(key)
        .trustManager(trust)
        .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
        .build();
  }

  /** For a caller that shows its certificate and checks the other's, name included. */
  public ChannelCredentials channelCredentials() {
    return TlsChannelCredentials.newBuilder().keyManager(key).trustManager(trust).build();
  }

  /** Stops looking at the files. */
  @Override
  public void close() {
    reader.shutdownNow();
  }
}
