package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.spool.SpoolBounds;
import org.holdfast.takeover.spool.SpoolSpace;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers go on sending for long while the guest is away; it gets all of it, and the end after it.
 */
@Tag("kernel")
@Timeout(90)
class SpoolWhileHeldTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MEBIBYTE = 1 << 20;
  private static final int BUFFER_BYTES = MEBIBYTE;

  /** The kernel doubles a buffer's size for its own overhead, and may use that for bytes. */
  private static final int MOST_IN_KERNEL = 4 * MEBIBYTE;

  @TempDir Path directory;

  @Test
  void whatWasSentMeanwhileArrivesWithItsEnd() throws Exception {
    SpoolSpace host = SpoolSpace.of(200 * MEBIBYTE);
    SpoolBounds bounds = bounds(100 * MEBIBYTE, host);
    try (Cycle cycle = new Cycle(bounds, 40 * MEBIBYTE)) {
      cycle.takeOver();
      cycle.sendAll();
      Await.until(PATIENCE, () -> cycle.received() == 40 * MEBIBYTE);
      assertThat(host.taken()).isGreaterThan(30 * MEBIBYTE);
      cycle.giveBack();
      cycle.expectEverythingBack();
      assertThat(host.taken()).isZero();
    }
  }

  /** Else its owner would stand still, and its peers wait, for as long as all of it takes. */
  @Test
  void mostOfItIsPassedOnBeforeTheCopiesFallSilent() throws Exception {
    SpoolBounds bounds = bounds(100 * MEBIBYTE, SpoolSpace.of(200 * MEBIBYTE));
    try (Cycle cycle = new Cycle(bounds, 30 * MEBIBYTE)) {
      cycle.takeOver();
      cycle.sendAll();
      Await.until(PATIENCE, () -> cycle.received() == 30 * MEBIBYTE);
      assertThat(cycle.passedAhead()).isGreaterThan(27 * MEBIBYTE);
      cycle.giveBack();
      cycle.expectEverythingBack();
    }
  }

  /** What comes while the agent makes ready is little for a spool, and much for a blackout. */
  @Test
  void eachRoundAheadGoesOnWhereTheLastOneEnded() throws Exception {
    SpoolBounds bounds = bounds(100 * MEBIBYTE, SpoolSpace.of(200 * MEBIBYTE));
    try (Cycle cycle = new Cycle(bounds, 3 * MEBIBYTE)) {
      cycle.takeOver();
      cycle.send(0, 1000);
      Await.until(PATIENCE, () -> cycle.received() == 1000);
      Map<Integer, Integer> first = cycle.passAhead(Map.of());
      assertThat(first).containsOnly(entry(0, 1000));
      cycle.send(1000, 50_000);
      Await.until(PATIENCE, () -> cycle.received() == 51_000);
      assertThat(cycle.passAhead(first)).containsOnly(entry(0, 51_000));
      assertThat(cycle.lastPassed()).isEqualTo(50_000);
      cycle.sendFrom(51_000);
      cycle.giveBack();
      cycle.expectEverythingBack();
    }
  }

  @Test
  void atTheBoundTheWindowClosesAndNothingIsLost() throws Exception {
    SpoolBounds bounds = bounds(8 * MEBIBYTE, SpoolSpace.of(200 * MEBIBYTE));
    try (Cycle cycle = new Cycle(bounds, 40 * MEBIBYTE)) {
      cycle.takeOver();
      cycle.sendAll();
      Await.until(PATIENCE, () -> cycle.received() >= 8 * MEBIBYTE);
      Thread.sleep(1000);
      assertThat(cycle.received())
          .isBetween(8L * MEBIBYTE, 8L * MEBIBYTE + MOST_IN_KERNEL)
          .as("the window is closed")
          .isEqualTo(cycle.received());
      cycle.giveBack();
      cycle.expectEverythingBack();
    }
  }

  @Test
  void aClaimThatBreaksIsFollowedByMore() throws Exception {
    try (Cycle cycle =
        new Cycle(bounds(100 * MEBIBYTE, SpoolSpace.of(200 * MEBIBYTE)), 30 * MEBIBYTE)) {
      cycle.takeOver();
      cycle.sendAll();
      Await.until(PATIENCE, () -> cycle.received() > 3 * MEBIBYTE);
      cycle.breakAClaim();
      Await.until(PATIENCE, () -> cycle.received() == 30 * MEBIBYTE);
      cycle.giveBack();
      cycle.expectEverythingBack();
    }
  }

  private SpoolBounds bounds(long bytesPerConnection, SpoolSpace host) {
    return new SpoolBounds(bytesPerConnection, 150 * MEBIBYTE, 4 * MEBIBYTE, host, directory);
  }

  /** One guest that echoes, one peer that sends much and reads it back. */
  private static final class Cycle implements AutoCloseable {
    private final TestNetwork network = new TestNetwork(1);
    private final LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
    private final GuestProcess guest = new GuestProcess(network.guest());
    private final GuestPorts guestPorts = host.guestPorts(network.vmInterfaces());
    private final TakeoverNamespace takeover;
    private final SocketChannel peer;
    private final byte[] data;
    private int lastPassed;
    private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

    Cycle(SpoolBounds bounds, int bytes) throws IOException {
      data = new byte[bytes];
      new Random(bytes).nextBytes(data);
      InetSocketAddress server =
          new InetSocketAddress(TestNetwork.address("fd77:0::1"), GuestApplication.PORT);
      peer = network.peer().call(() -> SocketChannel.open(server));
      peer.setOption(StandardSocketOptions.SO_SNDBUF, MEBIBYTE);
      peer.write(ByteBuffer.wrap(new byte[] {'E'}));
      takeover =
          host.prepare(
              network.vmInterfaces(), new HoldOptions(BUFFER_BYTES, 32 * MEBIBYTE, bounds));
    }

    void takeOver() throws Exception {
      Thread.sleep(300);
      OneHost.takeOver(takeover, guest, guest.findConnections());
    }

    void send(int from, int count) throws IOException {
      ByteBuffer some = ByteBuffer.wrap(data, from, count);
      while (some.hasRemaining()) {
        peer.write(some);
      }
    }

    void sendAll() {
      sendFrom(0);
    }

    void sendFrom(int from) {
      sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  ByteBuffer rest = ByteBuffer.wrap(data, from, data.length - from);
                  while (rest.hasRemaining()) {
                    peer.write(rest);
                  }
                  peer.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
    }

    long received() {
      return takeover.connections().statistics().stream()
          .mapToLong(HeldStatistics::receivedBytes)
          .sum();
    }

    int passedAhead() {
      return passAhead(Map.of()).values().stream().mapToInt(Integer::intValue).sum();
    }

    Map<Integer, Integer> passAhead(Map<Integer, Integer> already) {
      lastPassed = 0;
      return takeover
          .connections()
          .passAhead(already, (index, bytes) -> lastPassed += bytes.remaining());
    }

    int lastPassed() {
      return lastPassed;
    }

    void breakAClaim() {
      takeover.shut();
      takeover.connections().exportAll(reached -> assertThat(reached.receivedBytes()).isPositive());
      takeover.open();
      takeover.connections().resumeHolding();
      takeover.replayParked();
    }

    void giveBack() {
      OneHost.giveBack(takeover, guestPorts, guest);
      takeover.close();
    }

    void expectEverythingBack() throws Exception {
      ByteBuffer back = ByteBuffer.allocate(data.length + 1);
      while (peer.read(back) > 0) {
        // until the end
      }
      sending.get(20, TimeUnit.SECONDS);
      assertThat(back.flip().remaining()).as("bytes until the end").isEqualTo(data.length);
      assertThat(back.mismatch(ByteBuffer.wrap(data))).as("first wrong byte").isEqualTo(-1);
      assertThat(guest.complaints()).isEmpty();
    }

    @Override
    public void close() throws Exception {
      takeover.close();
      peer.close();
      guestPorts.close();
      guest.close();
      host.close();
      network.close();
    }
  }
}
