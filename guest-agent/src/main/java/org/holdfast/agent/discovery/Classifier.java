package org.holdfast.agent.discovery;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/** Which connections can be managed, and why not the others. */
final class Classifier {
  private static final String UPPER_LAYER_MPTCP = "mptcp";

  private final InterfaceTable interfaces;
  private final int agentPid;
  private final Predicate<SocketDiagnosis> rehearsed;

  /**
   * @param agentPid whose own connections are never managed
   * @param rehearsed connections that count as leaving the guest although they do not
   */
  Classifier(InterfaceTable interfaces, int agentPid, Predicate<SocketDiagnosis> rehearsed) {
    this.interfaces = interfaces;
    this.agentPid = agentPid;
    this.rehearsed = rehearsed;
  }

  /**
   * Why a connection is left to TCP; empty if it can be managed.
   *
   * @param holders descriptors of it, in any process
   */
  Optional<UnmanagedReason> reason(SocketDiagnosis socket, List<SocketHolder> holders) {
    if (interfaces.isLocal(socket.peer().getAddress()) && !rehearsed.test(socket)) {
      return Optional.of(UnmanagedReason.UNMANAGED_REASON_LOCAL);
    }
    Optional<UnmanagedReason> byState = reasonOfState(socket);
    if (byState.isPresent()) {
      return byState;
    }
    if (!socket.upperLayer().isEmpty()) {
      return Optional.of(
          socket.upperLayer().equals(UPPER_LAYER_MPTCP)
              ? UnmanagedReason.UNMANAGED_REASON_MPTCP
              : UnmanagedReason.UNMANAGED_REASON_KERNEL_TLS);
    }
    if (socket.hasMd5Key()) {
      return Optional.of(UnmanagedReason.UNMANAGED_REASON_AUTHENTICATED);
    }
    return reasonOfHolders(holders);
  }

  private static Optional<UnmanagedReason> reasonOfState(SocketDiagnosis socket) {
    boolean hasFile = socket.inode() != 0;
    return switch (socket.state()) {
      case SYN_SENT -> Optional.of(UnmanagedReason.UNMANAGED_REASON_CONNECTING);
      case SYN_RECV -> Optional.of(UnmanagedReason.UNMANAGED_REASON_HANDSHAKE);
      case TIME_WAIT -> Optional.of(UnmanagedReason.UNMANAGED_REASON_TIME_WAIT);
      case CLOSE, LISTEN -> Optional.of(UnmanagedReason.UNMANAGED_REASON_VANISHED);
      // A closed socket has sent its FIN: without a file, these two can only wait for accept().
      case ESTABLISHED, CLOSE_WAIT ->
          hasFile ? Optional.empty() : Optional.of(UnmanagedReason.UNMANAGED_REASON_NOT_ACCEPTED);
      case FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK ->
          hasFile ? Optional.empty() : Optional.of(UnmanagedReason.UNMANAGED_REASON_ORPHANED);
    };
  }

  /** The agent's own duplicate of a connection that another process has does not count. */
  private Optional<UnmanagedReason> reasonOfHolders(List<SocketHolder> holders) {
    if (holders.isEmpty()) {
      return Optional.of(UnmanagedReason.UNMANAGED_REASON_KERNEL_OWNED);
    }
    return holders.stream().allMatch(holder -> holder.pid() == agentPid)
        ? Optional.of(UnmanagedReason.UNMANAGED_REASON_AGENT_OWNED)
        : Optional.empty();
  }
}
