package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a socket has sent in vain behind its fence is no silence that an outage adds to later. */
@Tag("kernel")
@Timeout(60)
class LossHistoryTest {
  private static final int TCP_INFO_RETRANSMITS = 2;

  private NetworkNamespaces network;

  /** With these retries the kernel gives a silent peer 3 s, by default a quarter of an hour. */
  @BeforeEach
  void buildNetwork() {
    network = new NetworkNamespaces();
    network.sysctl(Place.GUEST, "net/ipv4/tcp_retries2", "3");
  }

  @AfterEach
  void removeNetwork() {
    network.close();
  }

  @ParameterizedTest
  @EnumSource
  void aLaterOutageFindsTheSocketAsPatientAsAnyOther(SocketFamily family) throws Exception {
    outage(family, 1000);
  }

  /** The acknowledgement has it send more, into the fence. */
  @Test
  void soDoesOneThatHasMoreToSendThanItMay() throws Exception {
    outage(SocketFamily.IPV4, 200_000);
  }

  private void outage(SocketFamily family, int bytes) throws Exception {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      talk(pair);
      network.fence(Place.GUEST);
      ByteBuffer unheard = Traffic.bytes(1, bytes);
      pair.guest().forceSendBuffer(2 * bytes);
      pair.guest().send(unheard);
      awaitRetransmissions(pair.guest());
      try (Takeover takeover = Takeover.of(network, pair)) {
        Traffic.expect(pair.peer(), unheard);
        takeover.giveBack();
      }
      talk(pair);
      Thread.sleep(3500);

      network.fence(Place.GUEST);
      ByteBuffer delayed = Traffic.bytes(2, 1000);
      pair.guest().send(delayed);
      awaitRetransmissions(pair.guest());
      assertThat(pair.guest().state()).isEqualTo(TcpState.ESTABLISHED);
      network.open(Place.GUEST);
      Traffic.expect(pair.peer(), delayed);
    }
  }

  /** In few words: many would be acknowledged twice, which makes the kernel forget as well. */
  private static void talk(TcpPair pair) {
    for (int word = 0; word < 5; word++) {
      ByteBuffer bytes = Traffic.bytes(word, 100);
      pair.guest().send(bytes);
      Traffic.expect(pair.peer(), bytes);
      pair.peer().send(bytes);
      Traffic.expect(pair.guest(), bytes);
    }
  }

  /** Two, for at the first the kernel never looks how long it has waited. */
  private static void awaitRetransmissions(AppSocket socket) throws InterruptedException {
    while (socket.state() != TcpState.CLOSE && retransmissions(socket) < 2) {
      Thread.sleep(10);
    }
  }

  private static int retransmissions(AppSocket socket) {
    byte[] info =
        Objects.requireNonNull(
            socket.rawOption(LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_INFO));
    return info[TCP_INFO_RETRANSMITS];
  }
}
