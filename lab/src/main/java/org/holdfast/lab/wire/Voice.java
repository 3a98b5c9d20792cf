package org.holdfast.lab.wire;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.holdfast.lab.wire.CapturedFrame.Direction;

/**
 * A stretch of time in which one port of one host spoke on the wire for a VM's MAC.
 *
 * <p>A capture of all interfaces of a host sees a frame twice: coming in from the port of whoever
 * sent it, a guest or a takeover namespace, and going out to the wire. A frame that came in and
 * never went out was fenced, and is no voice. Invariant 1 of the design then reads: the voices of a
 * VM follow each other and never alternate.
 *
 * @param host on which host
 * @param port interface index of the sender's port on that host; 0 if the host itself sent it
 * @param firstNanos its first frame on the wire, ns since 1970
 * @param lastNanos its last frame on the wire
 * @param frames how many
 */
public record Voice(String host, int port, long firstNanos, long lastNanos, int frames) {
  /** Bridging a frame takes microseconds; a longer memory could match one that was replayed. */
  private static final long BRIDGING_NANOS = 20_000_000L;

  /**
   * The voices of one MAC, in the order of time.
   *
   * @param captures of all interfaces, by host
   * @param uplinks interface index of the wire, by host
   * @param mac whose voice
   * @param speech which frames count as speaking
   */
  public static List<Voice> of(
      Map<String, List<CapturedFrame>> captures,
      Map<String, Integer> uplinks,
      String mac,
      Predicate<CapturedFrame> speech) {
    List<Voice> spoken = new ArrayList<>();
    captures.forEach(
        (host, frames) ->
            spoken.addAll(
                spokenFrames(
                    host,
                    uplinks.getOrDefault(host, 0),
                    frames.stream()
                        .filter(frame -> frame.sourceMac().equals(mac))
                        .filter(speech)
                        .toList())));
    spoken.sort(Comparator.comparingLong(Voice::firstNanos));
    return merge(spoken);
  }

  /** Each frame that went out to the wire, as a voice of its own. */
  private static List<Voice> spokenFrames(String host, int uplink, List<CapturedFrame> frames) {
    List<Voice> spoken = new ArrayList<>();
    Deque<CapturedFrame> recent = new ArrayDeque<>();
    for (CapturedFrame frame : frames) {
      while (!recent.isEmpty()
          && frame.timeNanos() - recent.getFirst().timeNanos() > BRIDGING_NANOS) {
        recent.removeFirst();
      }
      if (frame.interfaceIndex() == uplink && frame.direction() == Direction.OUT) {
        spoken.add(new Voice(host, port(recent, frame), frame.timeNanos(), frame.timeNanos(), 1));
      } else if (frame.direction() == Direction.IN && frame.interfaceIndex() != uplink) {
        recent.addLast(frame);
      }
    }
    return spoken;
  }

  /** The port a frame came from; the bridge itself sees it too, but after the port. */
  private static int port(Deque<CapturedFrame> recent, CapturedFrame sent) {
    for (CapturedFrame earlier : recent) {
      if (earlier.hasSameContent(sent)) {
        return earlier.interfaceIndex();
      }
    }
    return 0;
  }

  private static List<Voice> merge(List<Voice> spoken) {
    List<Voice> voices = new ArrayList<>();
    for (Voice next : spoken) {
      Voice last = voices.isEmpty() ? null : voices.get(voices.size() - 1);
      if (last != null && last.host.equals(next.host) && last.port == next.port) {
        voices.set(
            voices.size() - 1,
            new Voice(
                last.host, last.port, last.firstNanos, next.lastNanos, last.frames + next.frames));
      } else {
        voices.add(next);
      }
    }
    return voices;
  }
}
