package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ring's peers note what they send, and know in the end whether it has come. */
@Timeout(60)
class RingProgramTest {
  private static final String SERVER = "ring_server.py";
  private static final long BLOCK = 64 << 10;
  private static final long MUCH = 8 << 20; // more than the ring holds

  @TempDir private Path folder;
  private PythonPrograms programs;

  @BeforeEach
  void write() throws IOException {
    programs = new PythonPrograms(folder, SERVER, Store.RING.client(), StorePeers.MODULE);
  }

  @AfterEach
  void stop() throws InterruptedException {
    programs.close();
  }

  @Test
  void allThatWasSentHasComeAndWasNoted() throws Exception {
    int port = PythonPrograms.freePort();
    assertThat(programs.start(SERVER, port, 2, 4).readLine()).isEqualTo("ready");
    double begin = now();
    BufferedReader peers = startPeers(port, 2);
    while (sent(lastNote()) <= MUCH) {
      Thread.sleep(20);
    }
    Files.createFile(folder.resolve("enough"));

    assertThat(peers.readLine()).isEqualTo("2");
    List<String> notes = notes();
    assertThat(notes).extracting(RingProgramTest::sent).isSorted();
    assertThat(notes)
        .extracting(note -> Double.parseDouble(note.split(" ", 2)[0]))
        .isSorted()
        .allSatisfy(seconds -> assertThat(seconds).isBetween(begin, now()));
  }

  @Test
  void aConnectionOfWhichOtherBytesCameIsNotCounted() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      BufferedReader peers = startPeers(server.getLocalPort(), 1);
      try (Socket one = server.accept()) {
        one.getInputStream().skipNBytes(BLOCK);
        Files.createFile(folder.resolve("enough"));
        long came = BLOCK + one.getInputStream().transferTo(OutputStream.nullOutputStream());
        one.getOutputStream().write((came + " 0\n").getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(peers.readLine()).isEqualTo("0");
    }
  }

  private List<String> notes() throws IOException {
    Path sent = folder.resolve("sent");
    return Files.exists(sent) ? Files.readAllLines(sent) : List.of();
  }

  private String lastNote() throws IOException {
    List<String> notes = notes();
    return notes.isEmpty() ? "0 0" : notes.get(notes.size() - 1);
  }

  private static long sent(String note) {
    return Long.parseLong(note.split(" ", 2)[1]);
  }

  /** Seconds since the epoch, as the program tells them. */
  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  private BufferedReader startPeers(int port, int connections) throws IOException {
    Path enough = folder.resolve("enough");
    Path sent = folder.resolve("sent");
    return programs.start(Store.RING.client(), "127.0.0.1", port, connections, enough, sent);
  }
}
