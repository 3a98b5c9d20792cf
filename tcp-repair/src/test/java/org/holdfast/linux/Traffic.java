package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Streams of bytes that cannot be mistaken for one another, and their hashes. */
public final class Traffic {
  /** What a connection must carry after each step to be believed. */
  public static final int ENOUGH_BYTES = 9_000_000;

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "traffic");
            thread.setDaemon(true);
            return thread;
          });

  private Traffic() {}

  /** Bytes that follow from a seed. */
  public static ByteBuffer bytes(long seed, int count) {
    byte[] data = new byte[count];
    new SplittableRandom(seed).nextBytes(data);
    return ByteBuffer.wrap(data);
  }

  /** Pushes {@link #ENOUGH_BYTES} through, both ways at once, and compares hashes. */
  public static void exchange(AppSocket one, AppSocket other) {
    exchange(one, other, ENOUGH_BYTES);
  }

  static void exchange(AppSocket one, AppSocket other, int count) {
    ByteBuffer there = bytes(one.descriptor() * 31L + System.nanoTime(), count);
    ByteBuffer back = bytes(other.descriptor() * 37L + System.nanoTime(), count);
    CompletableFuture<Void> sendingThere = sending(one, there);
    CompletableFuture<Void> sendingBack = sending(other, back);
    CompletableFuture<Void> receivingThere = receiving(other, there);
    CompletableFuture<Void> receivingBack = receiving(one, back);
    receivingThere.join();
    receivingBack.join();
    sendingThere.join();
    sendingBack.join();
  }

  /** Sends from another thread. */
  static CompletableFuture<Void> sending(AppSocket socket, ByteBuffer data) {
    return CompletableFuture.runAsync(() -> inChunks(socket, data.duplicate()), THREADS);
  }

  private static void inChunks(AppSocket socket, ByteBuffer data) {
    while (data.hasRemaining()) {
      int bytes = Math.min(1 << 18, data.remaining());
      socket.send(data.slice(data.position(), bytes));
      data.position(data.position() + bytes);
    }
  }

  private static CompletableFuture<Void> receiving(AppSocket socket, ByteBuffer expected) {
    return CompletableFuture.runAsync(() -> expect(socket, expected), THREADS);
  }

  /** What a stream carries next must be exactly this. */
  public static void expect(AppSocket socket, ByteBuffer data) {
    ByteBuffer received = socket.receiveExactly(data.remaining());
    assertThat(received.remaining()).as("bytes received").isEqualTo(data.remaining());
    assertThat(received.mismatch(data)).as("first wrong byte").isEqualTo(-1);
    assertThat(hash(received)).isEqualTo(hash(data));
  }

  /** The end of the stream comes next. */
  public static void expectEnd(AppSocket socket) {
    assertThat(socket.receive(ByteBuffer.allocate(1))).as("bytes before the end").isZero();
  }

  static String hash(ByteBuffer data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(data.duplicate());
      return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), 16));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
