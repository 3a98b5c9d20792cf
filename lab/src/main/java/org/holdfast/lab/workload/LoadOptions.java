package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * How much load there shall be.
 *
 * @param clients which clients are started
 * @param streams how many verified streams, half of them over IPv6
 * @param blockBytes size of a stream's block
 * @param blockInterval time between two blocks of a stream, in each direction
 * @param userTimeout TCP_USER_TIMEOUT of half of the streams' clients; a quarter has keepalives, 5
 *     s x 3
 * @param downloadBytesPerSecond how fast the client reads it, until the run ends
 */
public record LoadOptions(
    Set<ClientKind> clients,
    int streams,
    int blockBytes,
    Duration blockInterval,
    Duration userTimeout,
    int downloadBytesPerSecond) {

  /** Checks the ranges. */
  public LoadOptions {
    if (clients.isEmpty()) {
      throw new IllegalArgumentException("a load needs at least one client");
    }
    clients = Set.copyOf(clients);
    if (streams < 1 || streams > 10_000) {
      throw new IllegalArgumentException("streams: 1 to 10000, not " + streams);
    }
    if (blockBytes < 64 || blockBytes > 65_536) {
      throw new IllegalArgumentException("blockBytes: 64 to 65536, not " + blockBytes);
    }
  }

  /**
   * Everything: 50 streams of 20 kB/s each way and each of the other clients. The rates are such
   * that 30 s of absence fit a guest of 640 MiB.
   */
  public static LoadOptions everything() {
    return new LoadOptions(
        EnumSet.allOf(ClientKind.class),
        50,
        4096,
        Duration.ofMillis(200),
        Duration.ofSeconds(10),
        1_500_000);
  }

  /** Streams and the echo probe alone: they need nothing but python3 on both sides. */
  public static LoadOptions streamsOnly(int streams) {
    return everything()
        .withClients(EnumSet.of(ClientKind.ECHO, ClientKind.STREAM))
        .withStreams(streams);
  }

  /**
   * Streams alone, each of 100 kB/s in both directions.
   *
   * @param streams at least 3, so that there are all kinds: with the kernel's own patience, with
   *     keepalives 5 s x 3, with TCP_USER_TIMEOUT 10 s
   */
  public static LoadOptions streamsOfEveryKind(int streams) {
    return new LoadOptions(
        EnumSet.of(ClientKind.STREAM),
        streams,
        20_000,
        Duration.ofMillis(200),
        Duration.ofSeconds(10),
        1_500_000);
  }

  /** The same with these clients. */
  public LoadOptions withClients(Set<ClientKind> chosen) {
    return new LoadOptions(
        chosen, streams, blockBytes, blockInterval, userTimeout, downloadBytesPerSecond);
  }

  /** The same with another number of streams. */
  public LoadOptions withStreams(int count) {
    return new LoadOptions(
        clients, count, blockBytes, blockInterval, userTimeout, downloadBytesPerSecond);
  }

  /** The same with another TCP_USER_TIMEOUT for half of the streams. */
  public LoadOptions withUserTimeout(Duration timeout) {
    return new LoadOptions(
        clients, streams, blockBytes, blockInterval, timeout, downloadBytesPerSecond);
  }

  /** How many connections this load opens. */
  public int connections() {
    return clients.contains(ClientKind.STREAM) ? clients.size() - 1 + streams : clients.size();
  }
}
