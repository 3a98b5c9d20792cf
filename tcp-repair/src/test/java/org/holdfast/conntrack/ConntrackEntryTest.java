package org.holdfast.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.holdfast.netlink.NetlinkAttributes;
import org.holdfast.netlink.NetlinkPayload;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.Test;

class ConntrackEntryTest {
  private static final InetSocketAddress LOCAL = new InetSocketAddress("10.77.0.1", 7001);
  private static final InetSocketAddress PEER = new InetSocketAddress("10.77.0.2", 40000);

  @Test
  void asksForAnEntryByItsAddresses() {
    NetlinkAttributes asked = NetlinkAttributes.after(ConntrackEntry.query(LOCAL, PEER), 4);
    NetlinkAttributes tuple = asked.nested(1);
    assertThat(tuple.nested(1).bytes(1)).isEqualTo(LOCAL.getAddress().getAddress());
    assertThat(tuple.nested(1).bytes(2)).isEqualTo(PEER.getAddress().getAddress());
    assertThat(tuple.nested(2).bytes(1)).containsExactly(6);
    assertThat(tuple.nested(2).bytes(2)).isEqualTo(new byte[] {0x1b, 0x59});
  }

  @Test
  void asksForIpv6EntriesByTheirOwnAttributes() {
    InetSocketAddress local = new InetSocketAddress("fd00:77::1", 7000);
    ByteBuffer query = ConntrackEntry.query(local, new InetSocketAddress("fd00:77::2", 40000));
    assertThat(query.get(0)).isEqualTo((byte) 10);
    assertThat(NetlinkAttributes.after(query, 4).nested(1).nested(1).bytes(3))
        .isEqualTo(local.getAddress().getAddress());
  }

  @Test
  void aRenewedEntryKeepsAddressesMarkAndScalesAndForgetsTheRest() {
    NetlinkAttributes renewed =
        NetlinkAttributes.after(entry("0000000e").renewed(TcpState.ESTABLISHED), 4);
    assertThat(renewed.bytes(1)).isEqualTo(new byte[] {8, 0, 1, 0, 1, 2, 3, 4});
    assertThat(renewed.bytes(2)).isEqualTo(new byte[] {8, 0, 1, 0, 5, 6, 7, 8});
    assertThat(renewed.bytes(3)).isEqualTo(new byte[] {0, 0, 0, 0xe});
    assertThat(renewed.bytes(7)).isEqualTo(HexFormat.of().parseHex("00069780"));
    assertThat(renewed.bytes(8)).isEqualTo(new byte[] {0, 0, 0, 0x2a});
    NetlinkAttributes tcp = renewed.nested(4).nested(1);
    assertThat(tcp.bytes(1)).containsExactly(3);
    assertThat(tcp.bytes(2)).containsExactly(7);
    // Flags as they were, and a mask, without which the kernel would not take them.
    assertThat(tcp.bytes(4)).isEqualTo(new byte[] {0x23, 0x3});
  }

  @Test
  void knowsWhatIsTranslated() {
    assertThat(entry("0000000e").isTranslated()).isFalse();
    assertThat(entry("0000002e").isTranslated()).isTrue();
    NetlinkAttributes liberal = NetlinkAttributes.after(entry("0000002e").liberal(), 4);
    assertThat(liberal.nested(4).nested(1).bytes(5)).isEqualTo(new byte[] {8, 8});
  }

  /** struct nfgenmsg, both tuples (their inside does not matter), status, mark and TCP's memory. */
  /** A kernel may tell more of an entry than ours does today. */
  @Test
  void anEntryOfAnyLengthIsToldAgain() {
    byte[] tuple = new byte[3000];
    ByteBuffer answer = new NetlinkPayload().zeros(4).attribute(1, tuple).build();

    ByteBuffer renewed = ConntrackEntry.parse(answer).renewed(TcpState.ESTABLISHED);

    assertThat(NetlinkAttributes.after(renewed, 4).bytes(1)).isEqualTo(tuple);
  }

  private static ConntrackEntry entry(String status) {
    String bytes =
        "02000000"
            + "0c000180"
            + "0800010001020304"
            + "0c000280"
            + "0800010005060708"
            + "08000300"
            + status
            + "08000800"
            + "0000002a"
            + "28000480"
            + "24000180"
            + "0500010003000000"
            + "0500020007000000"
            + "0600040023000000"
            + "0500030006000000";
    return ConntrackEntry.parse(
        ByteBuffer.wrap(HexFormat.of().parseHex(bytes)).order(java.nio.ByteOrder.LITTLE_ENDIAN));
  }
}
