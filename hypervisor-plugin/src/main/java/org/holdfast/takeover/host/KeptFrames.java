package org.holdfast.takeover.host;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.ParkedFrame;

/**
 * Frames that wait in order, within bounds: when there are too many the oldest go. A connection
 * attempt that is repeated takes the place of the one before, since the newest carries the
 * timestamp by which its sender measures the round trip. Not safe for use by several threads at
 * once.
 */
final class KeptFrames {
  private final int mostFrames;
  private final int mostBytes;

  /** In order of arrival; a connection attempt under its connection, others under themselves. */
  private final Map<Object, ParkedFrame> frames = new LinkedHashMap<>();

  private long bytes;
  private long displaced;

  KeptFrames(int mostFrames, int mostBytes) {
    this.mostFrames = mostFrames;
    this.mostBytes = mostBytes;
  }

  void add(ParkedFrame frame) {
    Optional<TcpFrame> attempt = TcpFrame.parse(frame).filter(TcpFrame::isAttempt);
    Object key = attempt.<Object>map(TcpFrame::connection).orElseGet(Object::new);
    ParkedFrame before = frames.put(key, frame);
    bytes += frame.frame().length - (before == null ? 0 : before.frame().length);
    Iterator<ParkedFrame> oldest = frames.values().iterator();
    while (frames.size() > mostFrames || bytes > mostBytes) {
      bytes -= oldest.next().frame().length;
      oldest.remove();
      displaced++;
    }
  }

  /** Passes on all that wait, and says how many had to go before. */
  FrameCount passOn(Consumer<ParkedFrame> receiver) {
    FrameCount count = new FrameCount(frames.size(), bytes, displaced);
    frames.values().forEach(receiver);
    frames.clear();
    bytes = 0;
    displaced = 0;
    return count;
  }
}
