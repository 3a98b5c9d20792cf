package org.holdfast.takeover.host;

import java.util.List;
import org.holdfast.linux.PacketSocket.FilterInstruction;
import org.holdfast.wire.MacAddress;

/** Programs in classic BPF for packet sockets (linux/bpf_common.h). */
final class FrameFilter {
  private static final int LOAD_WORD = 0x20;
  private static final int LOAD_HALF = 0x28;
  private static final int LOAD_BYTE = 0x30;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;
  private static final int WHOLE_FRAME = 0x40000;

  /** SKF_AD_OFF + SKF_AD_PKTTYPE: not of the frame, but which way it goes. */
  private static final int DIRECTION = -0x1000 + 4;

  private static final int PACKET_OUTGOING = 4;

  private FrameFilter() {}

  /** Lets no frame in: for sockets that only send. */
  static List<FilterInstruction> nothing() {
    return List.of(step(RETURN, 0, 0, 0));
  }

  /**
   * Lets in what this machine sends out of the device for {@code mac}, group frames included, but
   * nothing that comes from that address: a guest that sees its own announcements again believes
   * its address is duplicated.
   */
  static List<FilterInstruction> sentTo(MacAddress mac) {
    int high = (int) (mac.bits() >>> 16);
    int low = (int) (mac.bits() & 0xffff);
    return List.of(
        step(LOAD_BYTE, 0, 0, DIRECTION),
        step(JUMP_IF_EQUAL, 0, 11, PACKET_OUTGOING),
        step(LOAD_WORD, 0, 0, 6),
        step(JUMP_IF_EQUAL, 0, 2, high),
        step(LOAD_HALF, 0, 0, 10),
        step(JUMP_IF_EQUAL, 7, 0, low),
        step(LOAD_BYTE, 0, 0, 0),
        step(JUMP_IF_ANY_BIT, 4, 0, 1),
        step(LOAD_WORD, 0, 0, 0),
        step(JUMP_IF_EQUAL, 0, 3, high),
        step(LOAD_HALF, 0, 0, 4),
        step(JUMP_IF_EQUAL, 0, 1, low),
        step(RETURN, 0, 0, WHOLE_FRAME),
        step(RETURN, 0, 0, 0));
  }

  /** Lets in all that this machine sends out of the device. */
  static List<FilterInstruction> sent() {
    return List.of(
        step(LOAD_BYTE, 0, 0, DIRECTION),
        step(JUMP_IF_EQUAL, 0, 1, PACKET_OUTGOING),
        step(RETURN, 0, 0, WHOLE_FRAME),
        step(RETURN, 0, 0, 0));
  }

  /** Lets in ARP and ICMPv6 that stands directly behind the IPv6 header. */
  static List<FilterInstruction> addressResolution() {
    return List.of(
        step(LOAD_HALF, 0, 0, 12),
        step(JUMP_IF_EQUAL, 3, 0, 0x0806),
        step(JUMP_IF_EQUAL, 0, 3, 0x86dd),
        step(LOAD_BYTE, 0, 0, 20),
        step(JUMP_IF_EQUAL, 0, 1, 58),
        step(RETURN, 0, 0, WHOLE_FRAME),
        step(RETURN, 0, 0, 0));
  }

  private static FilterInstruction step(int code, int ifTrue, int ifFalse, int operand) {
    return new FilterInstruction(code, ifTrue, ifFalse, operand);
  }
}
