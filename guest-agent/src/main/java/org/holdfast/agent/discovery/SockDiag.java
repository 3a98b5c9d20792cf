package org.holdfast.agent.discovery;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.linux.NetlinkSocket;

/**
 * Asks the kernel for its TCP connections, in the network namespace of the thread that opened it.
 * For one thread at a time.
 */
final class SockDiag implements AutoCloseable {
  private final NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_SOCK_DIAG);

  /** All connections, IPv4 first; listeners are none. */
  List<SocketDiagnosis> connections() {
    List<SocketDiagnosis> found = new ArrayList<>();
    for (int family : new int[] {InetDiagMessages.AF_INET, InetDiagMessages.AF_INET6}) {
      List<NetlinkMessage> answer =
          netlink.request(
              InetDiagMessages.SOCK_DIAG_BY_FAMILY,
              NetlinkSocket.NLM_F_DUMP,
              InetDiagMessages.dumpPayload(family));
      answer.forEach(message -> found.add(InetDiagMessages.parse(message)));
    }
    return found;
  }

  @Override
  public void close() {
    netlink.close();
  }
}
