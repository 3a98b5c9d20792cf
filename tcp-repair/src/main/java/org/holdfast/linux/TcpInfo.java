package org.holdfast.linux;

import java.nio.ByteBuffer;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.TcpState;

/**
 * What is used of struct tcp_info (include/uapi/linux/tcp.h).
 *
 * @param unanswered whether the peer owes an answer: to a retransmission or to a probe
 * @param recovering whether it sends again what it takes for lost
 * @param options TCPI_OPT_*
 * @param outstanding segments that were sent and not acknowledged
 * @param bytesAcknowledged by the peer since the socket was made, a FIN counted (Linux 4.1)
 * @param bytesReceived since the socket was made, a FIN counted (Linux 4.1)
 * @param notSentBytes after SND.NXT, an unsent FIN counted
 */
record TcpInfo(
    TcpState state,
    boolean unanswered,
    boolean recovering,
    int options,
    int sendWindowScale,
    int receiveWindowScale,
    int outstanding,
    RoundTripTime roundTripTime,
    long bytesAcknowledged,
    long bytesReceived,
    int notSentBytes) {
  private static final int TCP_CA_RECOVERY = 3;
  private static final RoundTripTime NO_SAMPLE = new RoundTripTime(0, 0);

  static TcpInfo read(ByteBuffer memory) {
    int scales = memory.get(6);
    int roundTripMicros = memory.getInt(68);
    return new TcpInfo(
        TcpState.of(memory.get(0)),
        memory.get(2) != 0 || memory.get(3) != 0 || memory.get(4) != 0,
        memory.get(1) >= TCP_CA_RECOVERY,
        memory.get(5),
        scales & 0xF,
        scales >>> 4 & 0xF,
        memory.getInt(24),
        // Without a sample the variation still holds the kernel's first guess.
        roundTripMicros == 0 ? NO_SAMPLE : new RoundTripTime(roundTripMicros, memory.getInt(72)),
        memory.getLong(120),
        memory.getLong(128),
        memory.getInt(144));
  }

  boolean has(int option) {
    return (options & option) != 0;
  }
}
