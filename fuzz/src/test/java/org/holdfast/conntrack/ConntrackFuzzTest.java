package org.holdfast.conntrack;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.tcp.TcpState;

/** What ctnetlink may answer. */
final class ConntrackFuzzTest {

  @FuzzTest
  void everyAnswerIsAnEntryOrRefused(byte[] payload) {
    try {
      ConntrackEntry entry =
          ConntrackEntry.parse(ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder()));
      entry.isTranslated();
      entry.liberal();
      for (TcpState state : TcpState.values()) {
        entry.renewed(state);
      }
    } catch (NetlinkException refused) {
      // That is how it is refused.
    }
  }
}
