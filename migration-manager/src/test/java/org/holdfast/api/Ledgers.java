package org.holdfast.api;

import com.google.common.net.InetAddresses;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.TcpState;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.proto.v1.TimelineEntry;

/** Ledgers and reports as an engine makes them. */
public final class Ledgers {
  private Ledgers() {}

  public static LedgerEntry kept(String local, int localPort, String peer, int peerPort) {
    return LedgerEntry.newBuilder()
        .setId(
            ConnectionId.newBuilder()
                .setLocal(endpoint(local, localPort))
                .setPeer(endpoint(peer, peerPort)))
        .setState(TcpState.TCP_STATE_ESTABLISHED)
        .setOutcome(Outcome.OUTCOME_KEPT)
        .setOwner("redis-server[812]")
        .setBytesAcknowledgedForVm(6_081_740)
        .setBytesDeliveredForVm(512)
        .build();
  }

  public static LedgerEntry leftToTcp(String local, int localPort, String peer, int peerPort) {
    return kept(local, localPort, peer, peerPort).toBuilder()
        .setState(TcpState.TCP_STATE_SYN_RECV)
        .setOutcome(Outcome.OUTCOME_LEFT_TO_TCP)
        .setReason(UnmanagedReason.UNMANAGED_REASON_HANDSHAKE)
        .clearBytesAcknowledgedForVm()
        .clearBytesDeliveredForVm()
        .clearOwner()
        .build();
  }

  public static List<LedgerEntry> many(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> kept("10.0.0.5", 6379, "10.0.0.9", 20_000 + index))
        .toList();
  }

  public static MigrationReport report() {
    return MigrationReport.newBuilder()
        .setMigrationId("m-1")
        .setDomain("web")
        .addLedger(leftToTcp("2001:db8::5", 22, "2001:db8::9", 4711))
        .addLedger(kept("10.0.0.5", 6379, "10.0.0.9", 51234))
        .addTimeline(phase("take over", 500_000, 13_200, "kvm1"))
        .addTimeline(phase("preflight", 0, 45_250, "kvm1"))
        .addTimeline(phase("give back", 1_380_000, 24_100, "kvm2"))
        .setBlackoutTakeoverMicros(13_200)
        .setBlackoutGiveBackMicros(24_100)
        .setDowntimeMillis(92)
        .build();
  }

  private static TimelineEntry phase(String name, long start, long duration, String host) {
    return TimelineEntry.newBuilder()
        .setName(name)
        .setStartMicros(start)
        .setDurationMicros(duration)
        .setHost(host)
        .build();
  }

  private static Endpoint endpoint(String address, int port) {
    return Endpoint.newBuilder()
        .setAddress(ByteString.copyFrom(InetAddresses.forString(address).getAddress()))
        .setPort(port)
        .build();
  }
}
