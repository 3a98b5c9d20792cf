package org.holdfast.agent.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.Test;

class ClassifierTest {
  private static final int AGENT = 7;
  private static final List<SocketHolder> NOBODY = List.of();
  private static final List<SocketHolder> SERVER = List.of(new SocketHolder(100, 3));
  private static final List<SocketHolder> AGENT_ALONE = List.of(new SocketHolder(AGENT, 30));
  private static final List<SocketHolder> SERVER_AND_AGENT =
      List.of(new SocketHolder(AGENT, 30), new SocketHolder(100, 3));

  private final Classifier classifier =
      new Classifier(Captured.interfaces(), AGENT, socket -> false);

  @Test
  void managesWhatHasAnOwnerAndAPeerOutside() {
    for (TcpState state : TcpState.values()) {
      if (state.isManageable()) {
        assertThat(classifier.reason(socket(state, 1, ""), SERVER)).isEmpty();
        assertThat(classifier.reason(socket(state, 1, ""), SERVER_AND_AGENT)).isEmpty();
      }
    }
  }

  @Test
  void namesTheReasonOfEachState() {
    is(UnmanagedReason.UNMANAGED_REASON_CONNECTING, socket(TcpState.SYN_SENT, 1, ""), SERVER);
    is(UnmanagedReason.UNMANAGED_REASON_HANDSHAKE, socket(TcpState.SYN_RECV, 0, ""), NOBODY);
    is(UnmanagedReason.UNMANAGED_REASON_TIME_WAIT, socket(TcpState.TIME_WAIT, 0, ""), NOBODY);
    is(UnmanagedReason.UNMANAGED_REASON_NOT_ACCEPTED, socket(TcpState.ESTABLISHED, 0, ""), NOBODY);
    is(UnmanagedReason.UNMANAGED_REASON_NOT_ACCEPTED, socket(TcpState.CLOSE_WAIT, 0, ""), NOBODY);
    is(UnmanagedReason.UNMANAGED_REASON_ORPHANED, socket(TcpState.FIN_WAIT1, 0, ""), NOBODY);
    is(UnmanagedReason.UNMANAGED_REASON_ORPHANED, socket(TcpState.LAST_ACK, 0, ""), NOBODY);
  }

  @Test
  void namesTheReasonOfEachOwner() {
    is(UnmanagedReason.UNMANAGED_REASON_KERNEL_OWNED, socket(TcpState.ESTABLISHED, 1, ""), NOBODY);
    is(
        UnmanagedReason.UNMANAGED_REASON_AGENT_OWNED,
        socket(TcpState.ESTABLISHED, 1, ""),
        AGENT_ALONE);
  }

  @Test
  void namesTheReasonOfEachUpperLayer() {
    is(UnmanagedReason.UNMANAGED_REASON_MPTCP, socket(TcpState.ESTABLISHED, 1, "mptcp"), SERVER);
    is(UnmanagedReason.UNMANAGED_REASON_KERNEL_TLS, socket(TcpState.ESTABLISHED, 1, "tls"), SERVER);
    SocketDiagnosis signed =
        new SocketDiagnosis(
            SocketFamily.IPV4,
            end("10.77.0.1"),
            end("10.77.0.2"),
            TcpState.ESTABLISHED,
            1,
            0,
            0,
            0,
            "",
            true);
    is(UnmanagedReason.UNMANAGED_REASON_AUTHENTICATED, signed, SERVER);
  }

  @Test
  void leavesAloneWhatNeverLeavesTheGuest() {
    SocketDiagnosis toItself =
        new SocketDiagnosis(
            SocketFamily.IPV4,
            end("10.77.0.1"),
            end("10.77.0.1"),
            TcpState.ESTABLISHED,
            1,
            0,
            0,
            0,
            "",
            false);
    is(UnmanagedReason.UNMANAGED_REASON_LOCAL, toItself, SERVER);
    assertThat(
            new Classifier(Captured.interfaces(), AGENT, socket -> true).reason(toItself, SERVER))
        .isEmpty();
  }

  private void is(UnmanagedReason expected, SocketDiagnosis socket, List<SocketHolder> holders) {
    assertThat(classifier.reason(socket, holders)).hasValue(expected);
  }

  private static SocketDiagnosis socket(TcpState state, long inode, String upperLayer) {
    return new SocketDiagnosis(
        SocketFamily.IPV4,
        end("10.77.0.1"),
        end("10.77.0.2"),
        state,
        inode,
        0,
        0,
        0,
        upperLayer,
        false);
  }

  private static InetSocketAddress end(String address) {
    return new InetSocketAddress(address, 7000);
  }
}
