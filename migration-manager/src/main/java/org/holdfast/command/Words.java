package org.holdfast.command;

import com.google.common.net.InetAddresses;
import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.TcpState;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.proto.v1.Phase;

/** What the protocol's values are called in front of an operator. */
final class Words {
  private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Words() {}

  /** "10.0.0.5:22" or "[2001:db8::5]:22". */
  static String endpoint(Endpoint endpoint) {
    return address(endpoint.getAddress()) + ":" + endpoint.getPort();
  }

  private static String address(ByteString bytes) {
    try {
      return InetAddresses.toUriString(InetAddress.getByAddress(bytes.toByteArray()));
    } catch (UnknownHostException notFourOrSixteen) {
      return "?";
    }
  }

  /** "0 B", "512 B", "5.8 MiB". */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
  }

  /** Milliseconds with a tenth: spans from microseconds to minutes stay comparable in a column. */
  static String milliseconds(long micros) {
    return String.format(Locale.ROOT, "%,.1f ms", micros / 1000.0);
  }

  /** As ss and netstat write it: ESTABLISHED, CLOSE_WAIT. */
  static String state(TcpState state) {
    return state == TcpState.UNRECOGNIZED || state == TcpState.TCP_STATE_UNSPECIFIED
        ? "?"
        : state.name().substring("TCP_STATE_".length());
  }

  static String phase(Phase phase) {
    return switch (phase) {
      case PHASE_PREFLIGHT -> "preflight";
      case PHASE_PREPARE -> "prepare";
      case PHASE_CONVERGE -> "converge";
      case PHASE_TAKE_OVER -> "take over";
      case PHASE_HOLD -> "hold";
      case PHASE_SWITCH_OVER -> "switch over";
      case PHASE_GIVE_BACK -> "give back";
      case PHASE_DONE -> "done";
      case PHASE_ROLL_BACK -> "roll back";
      case PHASE_FAILED -> "failed";
      case PHASE_UNSPECIFIED, UNRECOGNIZED -> "?";
    };
  }

  static String outcome(Outcome outcome) {
    return switch (outcome) {
      case OUTCOME_KEPT -> "kept";
      case OUTCOME_HELD -> "held";
      case OUTCOME_LEFT_TO_TCP -> "left to TCP";
      case OUTCOME_RESET_BY_PEER -> "reset by peer";
      case OUTCOME_CLOSED_BY_PEER -> "closed by peer";
      case OUTCOME_NOT_CONFORMED -> "not conformed";
      case OUTCOME_MANAGEABLE -> "can be kept";
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> "?";
    };
  }

  static String reason(UnmanagedReason reason) {
    return switch (reason) {
      case UNMANAGED_REASON_UNSPECIFIED -> "";
      case UNMANAGED_REASON_CONNECTING -> "still connecting";
      case UNMANAGED_REASON_HANDSHAKE -> "handshake not complete";
      case UNMANAGED_REASON_NOT_ACCEPTED -> "not yet accepted by its listener";
      case UNMANAGED_REASON_ORPHANED -> "closed by its process";
      case UNMANAGED_REASON_TIME_WAIT -> "over, waiting out";
      case UNMANAGED_REASON_KERNEL_OWNED -> "owned by the guest's kernel";
      case UNMANAGED_REASON_MPTCP -> "multipath TCP";
      case UNMANAGED_REASON_AUTHENTICATED -> "TCP-MD5";
      case UNMANAGED_REASON_KERNEL_TLS -> "TLS in the guest's kernel";
      case UNMANAGED_REASON_URGENT_DATA -> "urgent data pending";
      case UNMANAGED_REASON_OTHER_NAMESPACE -> "in another network namespace of the guest";
      case UNMANAGED_REASON_LOCAL -> "inside the guest, needs no help";
      case UNMANAGED_REASON_ADDRESS_NOT_OWNED -> "its address is not the domain's";
      case UNMANAGED_REASON_QUEUE_TOO_LARGE -> "more data in flight than the host keeps";
      case UNMANAGED_REASON_EXPORT_FAILED -> "the guest could not export it";
      case UNMANAGED_REASON_OWNER_NOT_FROZEN -> "its process did not stand still in time";
      case UNMANAGED_REASON_AGENT_OWNED -> "the agent's own";
      case UNMANAGED_REASON_RECREATE_FAILED -> "the host could not recreate it";
      case UNMANAGED_REASON_VANISHED -> "gone before it could be exported";
      case UNMANAGED_REASON_HOST_FULL -> "the host holds as much as it may";
      case UNRECOGNIZED -> "for a reason this version does not know";
    };
  }
}
