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
 */
public record GuestFacts(
    String agentVersion, String kernelRelease, String bootId, boolean freezer) {
  /** net.ipv4.tcp_mem counts in pages (tcp(7)). */
  private static final int PAGE_BYTES = 4096;

  /** Reads them. */
  public static GuestFacts read(String agentVersion, boolean freezer) {
    return new GuestFacts(
        agentVersion,
        line(Path.of("/proc/sys/kernel/osrelease")),
        line(Path.of("/proc/sys/kernel/random/boot_id")),
        freezer);
  }

  /**
   * What the kernel lets all TCP sockets have before it is sparing, bytes; 0 if it does not say. An
   * administrator may change it at any time, so it is read whenever it is asked for.
   */
  public static long socketMemoryBytes() {
    // The second of three numbers is where the kernel begins to be sparing.
    String[] numbers = line(Path.of("/proc/sys/net/ipv4/tcp_mem")).split("\\s+", -1);
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
