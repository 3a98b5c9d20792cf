package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both sides of many.py notice what becomes of a connection. */
@Timeout(60)
class ManyProgramTest {
  private static final int CONNECTIONS = 120; // two of them busy

  /** The length of a message. */
  private static final int SIZE = 64;

  @TempDir private Path folder;
  private PythonPrograms programs;

  @BeforeEach
  void write() throws IOException {
    programs = new PythonPrograms(folder, ManyPeers.PROGRAM);
  }

  @AfterEach
  void stop() throws InterruptedException {
    programs.close();
  }

  @Test
  void eachConnectionMakesItsExchange() throws Exception {
    int port = PythonPrograms.freePort();
    BufferedReader guest = start("guest", port, CONNECTIONS);
    assertThat(guest.readLine()).isEqualTo("ready");
    BufferedReader peer = start("peer", "127.0.0.1", port, CONNECTIONS);
    assertThat(peer.readLine()).isEqualTo("connected");
    for (int i = 0; i < 3; i++) {
      ManyPeers.Round round = round(peer);
      assertThat(round.kept()).isEqualTo(CONNECTIONS);
      assertThat(round.wrong()).isZero();
      assertThat(round.problems()).isEmpty();
    }
  }

  @Test
  void thePeerSeesOtherBytesAndAnEnd() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      BufferedReader peer = start("peer", "127.0.0.1", server.getLocalPort(), 2);
      Socket busy = server.accept();
      Socket idle = server.accept();
      assertThat(peer.readLine()).isEqualTo("connected");
      byte[] message = busy.getInputStream().readNBytes(SIZE);
      message[SIZE - 1] ^= 1;
      busy.getOutputStream().write(message);
      idle.close();
      ManyPeers.Round round = round(peer);
      assertThat(round.kept()).isZero();
      assertThat(round.wrong()).isOne();
      assertThat(round.problems())
          .isEqualTo(Map.of("other bytes came back", 1, "the guest closed it", 1));
      busy.close();
    }
  }

  @Test
  void theGuestAnswersOtherBytesWithZerosAndCloses() throws Exception {
    int port = PythonPrograms.freePort();
    assertThat(start("guest", port, 1).readLine()).isEqualTo("ready");
    try (Socket peer = new Socket("127.0.0.1", port)) {
      OutputStream out = peer.getOutputStream();
      out.write(first());
      assertThat(peer.getInputStream().readNBytes(SIZE)).isEqualTo(first());
      out.write(first()); // again
      assertThat(peer.getInputStream().readNBytes(SIZE)).isEqualTo(new byte[SIZE]);
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
  }

  /** The first message of connection 0. */
  private static byte[] first() {
    byte[] message = new byte[SIZE];
    for (int i = 16; i < SIZE; i++) {
      message[i] = (byte) (i - 16);
    }
    return message;
  }

  private ManyPeers.Round round(BufferedReader peer) throws Exception {
    String pid = programs.last().pid() + "";
    assertThat(new ProcessBuilder("kill", "-USR1", pid).start().waitFor()).isZero();
    return ManyPeers.Round.of(peer.readLine());
  }

  private BufferedReader start(Object... words) throws IOException {
    return programs.start(ManyPeers.PROGRAM, words);
  }
}
