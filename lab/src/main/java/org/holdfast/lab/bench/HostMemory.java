package org.holdfast.lab.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.lab.KvmHost;

/**
 * Memory that holding connections may take on a host, KiB. What the kernel tells is of the whole
 * machine, for the lab's hosts share one kernel: differences count, while nothing else changes.
 *
 * @param daemon holdfastd, resident
 * @param keepers all keeper processes, resident
 * @param slab the kernel's own objects, sockets and files among them
 * @param shared files in memory, the keepers' records and what is spooled among them
 * @param available what the machine could still give to programs
 */
record HostMemory(long daemon, long keepers, long slab, long shared, long available) {
  /** What was there before goes on being cleared away for a while. */
  private static final int SETTLE_SECONDS = 10;

  private static final int READINGS = 5;
  private static final int COLUMNS = 5;

  /** Some lines of five numbers each. What the shell itself takes is the same each time. */
  private static final String SCRIPT =
      """
      sleep %d
      daemon="/proc/$(cat /run/holdfastd.pid)/status"
      for reading in $(seq %d); do
        sleep 1
        keepers=$(pgrep -f '^holdfast-keeper:' | sed 's|.*|/proc/&/status|')
        awk '/^VmRSS:/ { if (FILENAME == daemon) resident = $2; else keepers += $2 }
             /^Slab:/ { slab = $2 }
             /^Shmem:/ { shared = $2 }
             /^MemAvailable:/ { available = $2 }
             END { print resident, keepers + 0, slab, shared, available }' \\
            daemon="$daemon" "$daemon" $keepers /proc/meminfo
      done
      """
          .formatted(SETTLE_SECONDS, READINGS);

  /** Reads all of it some times, when the host has come to rest; takes the medians. */
  static HostMemory of(KvmHost host) {
    List<Distribution> columns = Stream.generate(Distribution::new).limit(COLUMNS).toList();
    for (String line : host.bash(SCRIPT).orThrow().text().split("\n")) {
      long[] numbers = Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
      for (int i = 0; i < COLUMNS; i++) {
        columns.get(i).add(numbers[i]);
      }
    }
    long[] medians = columns.stream().mapToLong(column -> column.quantile(0.5)).toArray();
    return new HostMemory(medians[0], medians[1], medians[2], medians[3], medians[4]);
  }

  /** All of it, for people. */
  String words() {
    return "KiB: holdfastd %d, its keeper %d, the kernel's slab %d, files in memory %d, available %d"
        .formatted(daemon, keepers, slab, shared, available);
  }
}
