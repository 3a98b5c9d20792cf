package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.wire.MacAddress;

/** Listens at a device and counts the data that goes over it a second time, by sender. */
final class WireSequences implements AutoCloseable {
  private static final int ETHERNET_BYTES = 14;
  private static final int TCP = 6;

  private final WireListener listener;
  private final Map<Flow, Integer> ends = new HashMap<>();
  private final Map<MacAddress, Long> again = new HashMap<>();
  private long segments;

  /** One direction of a connection: its addresses and ports, as they stand in the headers. */
  private record Flow(ByteBuffer addresses, int ports) {}

  WireSequences(NamespaceThread place, String device) {
    listener = new WireListener(place, device, false, this::note);
    listener.start();
  }

  private void note(byte[] headers) {
    ByteBuffer frame = ByteBuffer.wrap(headers);
    boolean ipv6 = frame.getShort(12) == (short) 0x86dd;
    boolean ipv4 = frame.getShort(12) == 0x0800;
    if ((!ipv4 && !ipv6) || headers[ETHERNET_BYTES + (ipv6 ? 6 : 9)] != TCP) {
      return;
    }
    int tcp = ETHERNET_BYTES + (ipv6 ? 40 : 20);
    int length =
        ipv6
            ? Short.toUnsignedInt(frame.getShort(ETHERNET_BYTES + 4))
            : Short.toUnsignedInt(frame.getShort(ETHERNET_BYTES + 2)) - 20;
    int data = length - (headers[tcp + 12] >> 4 & 0xf) * 4;
    if (data <= 0) {
      return;
    }
    segments++;
    int addresses = ETHERNET_BYTES + (ipv6 ? 8 : 12);
    Flow flow =
        new Flow(ByteBuffer.wrap(Arrays.copyOfRange(headers, addresses, tcp)), frame.getInt(tcp));
    int begin = frame.getInt(tcp + 4);
    Integer before = ends.get(flow);
    if (before != null && begin - before < 0) {
      again.merge(MacAddress.at(headers, 6), 1L, Long::sum);
    }
    if (before == null || begin + data - before > 0) {
      ends.put(flow, begin + data);
    }
  }

  /** Ends the listening. */
  void stop() throws InterruptedException {
    listener.stop();
  }

  /** Segments with data that begin before the end of what their sender had sent already. */
  long sentAgainByOthersThan(MacAddress vm) {
    return again.entrySet().stream()
        .filter(sender -> !sender.getKey().equals(vm))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Segments with data, of anybody. */
  long segments() {
    return segments;
  }

  /** All who sent something again. */
  Map<MacAddress, Long> sentAgain() {
    return again;
  }

  @Override
  public void close() throws InterruptedException {
    listener.close();
  }
}
