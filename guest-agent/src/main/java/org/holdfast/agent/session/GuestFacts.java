package org.holdfast.agent.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the guest says of itself in its hello.
 *
 * @param agentVersion of this program
 * @param kernelRelease as uname -r has it
 * @param bootId a random UUID of this boot
 * @param freezer whether the cgroup v2 freezer is there
 * @param socketMemoryBytes what the kernel lets all TCP sockets have before it is sparing; 0 if it
 *     does not say
 */
public record GuestFacts(
    String agentVersion,
    String kernelRelease,
    String bootId,
    boolean freezer,
    long socketMemoryBytes) {
  /** net.ipv4.tcp_mem counts in pages (tcp(7)). */
  private static final int PAGE_BYTES = 4096;

  /** Reads them. */
  public static GuestFacts read(String agentVersion, boolean freezer) {
    return new GuestFacts(
        agentVersion,
        line(Path.of("/proc/sys/kernel/osrelease")),
        line(Path.of("/proc/sys/kernel/random/boot_id")),
        freezer,
        socketMemory(line(Path.of("/proc/sys/net/ipv4/tcp_mem"))));
  }

  /** The second of three numbers is where the kernel begins to be sparing. */
  private static long socketMemory(String tcpMem) {
    String[] numbers = tcpMem.split("\\s+", -1);
    return numbers.length == 3 ? PAGE_BYTES * Long.parseLong(numbers[1]) : 0;
  }

  private static String line(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
