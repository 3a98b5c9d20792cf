package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.linux.Errno;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.wire.MacAddress;

/**
 * A bridge's forwarding database through rtnetlink (linux/neighbour.h): which port leads to which
 * MAC. For bridges that do not look at VLANs.
 */
final class ForwardingTable {
  private static final int RTM_NEWNEIGH = 28;
  private static final int RTM_DELNEIGH = 29;
  private static final int RTM_GETNEIGH = 30;
  private static final int AF_BRIDGE = 7;
  private static final int NTF_MASTER = 0x04;
  private static final int NTF_STICKY = 0x40;
  private static final int NDA_LLADDR = 2;
  private static final int NDA_MASTER = 9;

  private final NetlinkSocket netlink;

  ForwardingTable(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  /** How long an entry stays, with the kernel's NUD_* number for it. */
  enum Lasting {
    /** Learned: ages, and moves when the MAC is heard elsewhere. */
    LEARNED(0x02),
    /** Set by hand: does not age, but moves when the MAC is heard elsewhere. */
    STATIC(0x40),
    /** Set by hand, and nothing the bridge hears moves it (Linux 5.0). */
    STICKY(0x40, NTF_STICKY),
    /** The port's own address. */
    PERMANENT(0x80);

    private final int state;
    private final int flags;

    Lasting(int state) {
      this(state, 0);
    }

    Lasting(int state, int flags) {
      this.state = state;
      this.flags = flags;
    }

    private static Lasting of(int state) {
      if ((state & PERMANENT.state) != 0) {
        return PERMANENT;
      }
      return (state & STATIC.state) != 0 ? STATIC : LEARNED;
    }
  }

  /**
   * @param portIndex the port that leads to the MAC
   */
  record Entry(int portIndex, Lasting lasting) {}

  /** The entry for {@code mac}. */
  Optional<Entry> find(int bridgeIndex, MacAddress mac) {
    ByteBuffer payload = neighbour(0, 0, 0, mac);
    Attributes.put(payload, NDA_MASTER, bridgeIndex);
    try {
      List<NetlinkMessage> answer = netlink.request(RTM_GETNEIGH, 0, payload.flip());
      ByteBuffer entry = answer.get(0).payload();
      return Optional.of(
          new Entry(entry.getInt(4), Lasting.of(Short.toUnsignedInt(entry.getShort(8)))));
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** From now on {@code mac} is behind the port; one step, whatever was there before. */
  void point(int portIndex, MacAddress mac, Lasting lasting) {
    netlink.request(
        RTM_NEWNEIGH,
        NetlinkSocket.NLM_F_CREATE | NetlinkSocket.NLM_F_REPLACE | NetlinkSocket.NLM_F_ACK,
        neighbour(portIndex, lasting.state, lasting.flags, mac).flip());
  }

  /** Forgets an entry that points at this port; nothing happens if there is none. */
  void forget(int portIndex, MacAddress mac) {
    try {
      netlink.request(
          RTM_DELNEIGH, NetlinkSocket.NLM_F_ACK, neighbour(portIndex, 0, 0, mac).flip());
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
  }

  /** struct ndmsg and the attributes every request has. */
  private static ByteBuffer neighbour(int portIndex, int state, int flags, MacAddress mac) {
    ByteBuffer payload = Attributes.payload();
    payload.put((byte) AF_BRIDGE).put((byte) 0).putShort((short) 0);
    payload.putInt(portIndex).putShort((short) state);
    payload.put((byte) (NTF_MASTER | flags)).put((byte) 0);
    Attributes.put(payload, NDA_LLADDR, mac.octets());
    return payload;
  }
}
