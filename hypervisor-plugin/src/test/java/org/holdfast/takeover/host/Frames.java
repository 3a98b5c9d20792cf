package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.PacketSocket;
import org.holdfast.linux.PollSet;
import org.holdfast.wire.MacAddress;

/** Single frames, sent and heard at the ends of a {@link TestNetwork}. */
final class Frames {
  static final MacAddress BROADCAST = MacAddress.of("ff:ff:ff:ff:ff:ff");

  /** LLDP's; a bridge never forwards frames to it. */
  static final MacAddress NEAREST_BRIDGE = MacAddress.of("01:80:c2:00:00:0e");

  /** For local experiments (IEEE 802, 9.2.3). */
  private static final short EXPERIMENT = (short) 0x88b5;

  private static final Duration PATIENCE = Duration.ofMillis(150);

  private Frames() {}

  /** A frame that says {@code word}. */
  static byte[] frame(MacAddress destination, MacAddress source, int word) {
    ByteBuffer frame = ByteBuffer.allocate(60);
    frame.put(destination.octets()).put(source.octets()).putShort(EXPERIMENT).putInt(word);
    return frame.array();
  }

  /** A frame of VLAN 5 (IEEE 802.1Q). */
  static byte[] tagged(MacAddress destination, MacAddress source) {
    ByteBuffer frame = ByteBuffer.allocate(64);
    frame.put(destination.octets()).put(source.octets());
    frame.putShort((short) 0x8100).putShort((short) 5).putShort(EXPERIMENT);
    return frame.array();
  }

  static void send(NamespaceThread namespace, String device, byte[]... frames) {
    namespace.call(
        () -> {
          try (FrameSender sender = new FrameSender(NetworkInterfaces.index(device))) {
            for (byte[] frame : frames) {
              sender.send(frame);
            }
          }
          return true;
        });
  }

  /** Hears what arrives at a device from now on. */
  static final class Ear implements AutoCloseable {
    private final PacketSocket socket;

    Ear(NamespaceThread namespace, String device) {
      socket =
          namespace.call(
              () -> PacketSocket.open(NetworkInterfaces.index(device), 1 << 20, true, List.of()));
    }

    /** The words of the frames that came from {@code source}, until none comes any more. */
    List<Integer> words(MacAddress source) {
      List<Integer> words = new ArrayList<>();
      PollSet poll = new PollSet(socket.descriptor());
      ByteBuffer frame = ByteBuffer.allocateDirect(2048);
      while (poll.await(PATIENCE) > 0) {
        while (socket.receive(frame.clear()) >= 0) {
          byte[] heard = new byte[frame.flip().remaining()];
          frame.get(heard);
          boolean experiment = frame.getShort(12) == EXPERIMENT;
          if (experiment && MacAddress.at(heard, 6).equals(source)) {
            words.add(frame.getInt(14));
          }
        }
      }
      return words;
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
