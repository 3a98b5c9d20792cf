package org.holdfast.agent.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.Test;

class InetDiagMessagesTest {
  @Test
  void readsWhatAKernelSaid() {
    List<SocketDiagnosis> inet = parse("inet");
    assertThat(inet).hasSize(3).allMatch(socket -> socket.family() == SocketFamily.IPV4);
    assertThat(inet)
        .anySatisfy(
            socket -> {
              assertThat(socket.local()).isEqualTo(new InetSocketAddress("10.77.0.1", 7001));
              assertThat(socket.state()).isEqualTo(TcpState.ESTABLISHED);
              assertThat(socket.receiveQueueBytes()).isEqualTo(10);
              assertThat(socket.inode()).isEqualTo(0x09f6c3);
              assertThat(socket.upperLayer()).isEmpty();
              assertThat(socket.hasMd5Key()).isFalse();
            });
  }

  @Test
  void tellsMappedFromPlainIpv6() {
    List<SocketDiagnosis> inet6 = parse("inet6");
    assertThat(inet6)
        .extracting(SocketDiagnosis::family)
        .containsExactly(SocketFamily.IPV4_MAPPED, SocketFamily.IPV6, SocketFamily.IPV6);
    assertThat(inet6.get(0).local()).isEqualTo(new InetSocketAddress("10.77.0.1", 7000));
    assertThat(inet6.get(1).state()).isEqualTo(TcpState.CLOSE_WAIT);
    assertThat(inet6.get(2).state()).isEqualTo(TcpState.FIN_WAIT2);
    assertThat(inet6.get(2).inode()).isZero();
  }

  @Test
  void refusesWhatNoKernelSays() {
    NetlinkMessage whole = Captured.dump("inet").get(0);
    NetlinkMessage cut = new NetlinkMessage(20, 0, whole.payload().slice(0, 40));
    assertThatThrownBy(() -> InetDiagMessages.parse(cut)).isInstanceOf(NetlinkException.class);
    NetlinkMessage noState = Captured.message(20, "02" + "63" + "00".repeat(70));
    assertThatThrownBy(() -> InetDiagMessages.parse(noState)).isInstanceOf(NetlinkException.class);
    NetlinkMessage noFamily = Captured.message(20, "07" + "01" + "00".repeat(70));
    assertThatThrownBy(() -> InetDiagMessages.parse(noFamily)).isInstanceOf(NetlinkException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Random random = new Random(1);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(160)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = (byte) (random.nextBoolean() ? 2 : 10);
        bytes[1] = (byte) (1 + random.nextInt(12));
      }
      NetlinkMessage message = Captured.message(20, java.util.HexFormat.of().formatHex(bytes));
      try {
        assertThat(InetDiagMessages.parse(message).local()).isNotNull();
      } catch (NetlinkException refused) {
        assertThat(refused).hasMessageStartingWith("the kernel answered ");
      }
    }
  }

  private static List<SocketDiagnosis> parse(String dump) {
    return Captured.dump(dump).stream().map(InetDiagMessages::parse).toList();
  }
}
