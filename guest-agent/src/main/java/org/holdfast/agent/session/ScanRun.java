package org.holdfast.agent.session;

import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.ScanResult;

/** One scan: the connections and interfaces there are, in as many messages as it takes. */
final class ScanRun {
  private ScanRun() {}

  /** Does it, and answers the request. */
  static void run(Discovery discovery, Reply reply) throws HostGoneException, AgentException {
    ScanResult.Builder part =
        ScanResult.newBuilder().addAllInterfaces(discovery.interfaces().interfaces());
    for (ConnectionFound connection : discovery.scan()) {
      if (part.getConnectionsCount() == AgentLimits.SCANNED_PER_MESSAGE) {
        reply.part(GuestMessage.newBuilder().setScanResult(part));
        part = ScanResult.newBuilder();
      }
      ConnectionReport.of(connection, discovery.interfaces()).ifPresent(part::addConnections);
    }
    reply.last(GuestMessage.newBuilder().setScanResult(part));
  }
}
