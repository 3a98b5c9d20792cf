package org.holdfast.agent.discovery;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.netlink.NetlinkException;

/** What sock_diag and rtnetlink may answer. */
final class NetlinkAnswersFuzzTest {

  @FuzzTest
  void everyAnswerIsUnderstoodOrRefused(FuzzedDataProvider data) {
    int type =
        data.pickValue(
            new int[] {
              InetDiagMessages.SOCK_DIAG_BY_FAMILY,
              RouteMessages.RTM_NEWLINK,
              RouteMessages.RTM_NEWADDR,
              RouteMessages.RTM_NEWROUTE,
              RouteMessages.RTM_NEWNEIGH
            });
    ByteBuffer payload =
        ByteBuffer.wrap(data.consumeRemainingAsBytes()).order(ByteOrder.nativeOrder());
    NetlinkMessage message = new NetlinkMessage(type, 0, payload);
    try {
      switch (type) {
        case RouteMessages.RTM_NEWLINK -> RouteMessages.link(message);
        case RouteMessages.RTM_NEWADDR -> RouteMessages.address(message);
        case RouteMessages.RTM_NEWROUTE -> RouteMessages.route(message);
        case RouteMessages.RTM_NEWNEIGH -> RouteMessages.neighbour(message);
        default -> InetDiagMessages.parse(message);
      }
    } catch (NetlinkException refused) {
      // That is how it is refused.
    }
  }
}
