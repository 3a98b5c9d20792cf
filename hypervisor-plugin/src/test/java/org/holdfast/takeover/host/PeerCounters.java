package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.linux.NamespaceThread;

/** What a namespace's TCP has counted; only what tells of losses. */
record PeerCounters(Map<String, Long> counts) {
  private static final List<String> OF_INTEREST =
      List.of(
          "RetransSegs",
          "TCPTimeouts",
          "TCPLossProbes",
          "TCPFastRetrans",
          "TCPSlowStartRetrans",
          "TCPSpuriousRtxHostQueues",
          "TCPDSACKRecv",
          "TCPSACKReorder",
          "TCPLostRetransmit",
          "TCPOFOQueue");

  static PeerCounters read(NamespaceThread namespace) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (String file : List.of("snmp", "netstat")) {
      List<String> lines =
          namespace.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net", file)));
      for (int i = 0; i + 1 < lines.size(); i += 2) {
        String[] names = lines.get(i).split(" ");
        String[] values = lines.get(i + 1).split(" ");
        for (int column = 1; column < names.length; column++) {
          if (OF_INTEREST.contains(names[column])) {
            counts.put(names[column], Long.parseLong(values[column]));
          }
        }
      }
    }
    return new PeerCounters(counts);
  }

  /** What has grown since {@code before}. */
  PeerCounters since(PeerCounters before) {
    Map<String, Long> grown = new TreeMap<>();
    counts.forEach(
        (name, count) -> {
          long growth = count - before.counts.getOrDefault(name, 0L);
          if (growth != 0) {
            grown.put(name, growth);
          }
        });
    return new PeerCounters(grown);
  }

  long get(String name) {
    return counts.getOrDefault(name, 0L);
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
