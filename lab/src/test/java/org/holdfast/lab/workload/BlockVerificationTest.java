package org.holdfast.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real server is sent streams with one thing wrong, by a second implementation of the blocks:
 * it must notice each.
 */
final class BlockVerificationTest {
  private static final int SIZE = 1408;
  private static final int STREAM = 7;
  private static final int BLOCKS = 40;

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();
  private int streamPort;

  @BeforeEach
  void startServer() throws Exception {
    for (String name : List.of("blocks.py", "stream_server.py")) {
      try (InputStream in = Programs.class.getResourceAsStream(name)) {
        Files.write(directory.resolve(name), in.readAllBytes());
      }
    }
    streamPort = freePort();
    processes.add(
        new ProcessBuilder(
                "python3",
                "-B",
                directory.resolve("stream_server.py").toString(),
                "--log",
                log().toString(),
                "--stream-port",
                Integer.toString(streamPort),
                "--echo-port",
                Integer.toString(freePort()))
            .inheritIO()
            .start());
    for (int i = 0; i < 200 && !logged().contains(" start "); i++) {
      Thread.sleep(50);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aRightStreamHasNoFindings() throws Exception {
    assertThat(verdictOn(stream())).isEqualTo(new Verdict(BLOCKS, 0, 0));
    assertThat(logged()).doesNotContain("error");
  }

  @Test
  void aFlippedByteIsFound() throws Exception {
    for (int place : new int[] {0, 5, 12, 20_000, BLOCKS * SIZE - 1}) {
      byte[] stream = stream();
      stream[place] ^= 1;
      assertThat(verdictOn(stream).findings()).as("byte %d", place).isPositive();
    }
    assertThat(logged()).contains("block 14 differs at byte 288");
  }

  @Test
  void aMissingByteIsFound() throws Exception {
    for (int place : new int[] {0, 20_000, BLOCKS * SIZE - 1}) {
      assertThat(verdictOn(without(stream(), place, 1)).findings()).isPositive();
    }
  }

  @Test
  void aRepeatedByteIsFound() throws Exception {
    byte[] stream = stream();
    assertThat(verdictOn(repeated(stream, 20_000, 1)).findings()).isPositive();
    assertThat(verdictOn(repeated(stream, BLOCKS * SIZE - 1, 1)).findings()).isPositive();
  }

  @Test
  void aMissingBlockIsFoundAndNamed() throws Exception {
    Verdict verdict = verdictOn(without(stream(), 5 * SIZE, SIZE));
    assertThat(verdict.findings()).isOne();
    assertThat(logged()).contains("blocks 5 to 5 are missing");
  }

  @Test
  void aRepeatedBlockIsFoundAndNamed() throws Exception {
    Verdict verdict = verdictOn(repeated(stream(), 5 * SIZE, SIZE));
    assertThat(verdict.findings()).isOne();
    assertThat(logged()).contains("block 5 came again before block 6");
  }

  @Test
  void anotherStreamsBlocksAreFound() throws Exception {
    assertThat(verdictOn(stream(STREAM + 1)).findings()).isPositive();
  }

  @Test
  void whatFollowsAFindingIsVerifiedAgain() throws Exception {
    Verdict verdict = verdictOn(without(stream(), 20_000, 3));
    assertThat(verdict.findings()).isOne();
    assertThat(verdict.blocks()).isEqualTo(BLOCKS);
  }

  private record Verdict(long blocks, long findings, long options) {}

  private Verdict verdictOn(byte[] stream) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), streamPort)) {
      ByteBuffer hello = ByteBuffer.allocate(16);
      hello.put("HFS1".getBytes(StandardCharsets.US_ASCII));
      hello.putInt(STREAM).putInt(SIZE).putInt(60_000);
      socket.getOutputStream().write(hello.array());
      socket.getOutputStream().write(stream);
      socket.shutdownOutput();
      byte[] answer = new DataInputStream(socket.getInputStream()).readAllBytes();
      int at = indexOf(answer, "HFV1");
      assertThat(at).as("place of the verdict").isNotNegative();
      ByteBuffer verdict = ByteBuffer.wrap(answer).position(at + 8);
      return new Verdict(verdict.getLong(), verdict.getLong(), verdict.getLong());
    }
  }

  private static int indexOf(byte[] data, String word) {
    return new String(data, StandardCharsets.ISO_8859_1).indexOf(word);
  }

  private Path log() {
    return directory.resolve("server.log");
  }

  private String logged() throws IOException {
    return Files.exists(log()) ? Files.readString(log()).toLowerCase(Locale.ROOT) : "";
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static byte[] stream() throws Exception {
    return stream(STREAM);
  }

  private static byte[] stream(int stream) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] table = table();
    for (long number = 0; number < BLOCKS; number++) {
      ByteBuffer header = ByteBuffer.allocate(16);
      header.put("HFB1".getBytes(StandardCharsets.US_ASCII)).putInt(stream).putLong(number);
      out.write(header.array());
      int offset = (int) ((number * 40503 + (long) stream * 9973) % 65521);
      out.write(table, offset, SIZE - 16);
    }
    return out.toByteArray();
  }

  private static byte[] table() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; out.size() < 65521 + 65536; i++) {
      byte[] seed = ("holdfast blocks " + i).getBytes(StandardCharsets.US_ASCII);
      out.write(MessageDigest.getInstance("SHA-256").digest(seed));
    }
    return out.toByteArray();
  }

  private static byte[] without(byte[] stream, int place, int count) {
    return spliced(stream, place, place + count);
  }

  private static byte[] repeated(byte[] stream, int place, int count) {
    return spliced(stream, place + count, place);
  }

  /** The stream up to one place, and on from another. */
  private static byte[] spliced(byte[] stream, int until, int from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(stream, 0, until);
    out.write(stream, from, stream.length - from);
    return out.toByteArray();
  }
}
