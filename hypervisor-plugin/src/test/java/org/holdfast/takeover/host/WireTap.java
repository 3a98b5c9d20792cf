package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.wire.MacAddress;

/** Listens at the peer to what comes from one MAC, and notes what must never be seen there. */
final class WireTap implements AutoCloseable {
  private static final int FIN_OR_RST = 0x05;

  private final WireListener listener;
  private final MacAddress watched;
  private final List<String> farewells = new ArrayList<>();
  private final List<Integer> voices = new ArrayList<>();
  private long frames;
  private long segments;
  private long resolved;

  WireTap(NamespaceThread peer, String device, MacAddress watched) {
    this.watched = watched;
    listener = new WireListener(peer, device, true, this::hear);
    listener.start();
  }

  private void hear(byte[] headers) {
    if (MacAddress.at(headers, 6).equals(watched) || isPortOfOurs(headers)) {
      frames++;
      note(headers);
    }
  }

  /** The bridge's ends of our links have addresses that begin so; they must never say a word. */
  private static boolean isPortOfOurs(byte[] headers) {
    return (headers[6] & 0xff) == 0xfe && headers[7] == 0x48;
  }

  private void note(byte[] headers) {
    if (AddressAnswer.parse(headers).isPresent()) {
      resolved++;
    }
    int etherType = (headers[12] & 0xff) << 8 | (headers[13] & 0xff);
    boolean ipv6 = etherType == 0x86dd;
    if ((etherType != 0x0800 && !ipv6) || headers[ipv6 ? 20 : 23] != 6) {
      return;
    }
    segments++;
    int hopLimit = headers[ipv6 ? 21 : 22];
    if (voices.isEmpty() || voices.get(voices.size() - 1) != hopLimit) {
      voices.add(hopLimit);
    }
    int flags = headers[(ipv6 ? 54 : 34) + 13];
    if ((flags & FIN_OR_RST) != 0) {
      farewells.add("flags 0x%x with hop limit %d".formatted(flags, hopLimit));
    }
  }

  /** Ends the listening and says whose voices were heard, in their order. */
  List<Integer> voices() throws InterruptedException {
    listener.stop();
    return voices;
  }

  /** FINs and RSTs; to be called after {@link #voices()}. */
  List<String> farewells() {
    return farewells;
  }

  long segments() {
    return segments;
  }

  /** Answers to "who has this address?". */
  long resolved() {
    return resolved;
  }

  long frames() {
    return frames;
  }

  @Override
  public void close() throws InterruptedException {
    listener.close();
  }
}
