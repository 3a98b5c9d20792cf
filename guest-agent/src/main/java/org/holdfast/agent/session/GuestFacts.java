package org.holdfast.agent.session;

import java.nio.file.Path;
import org.holdfast.agent.proc.KernelText;
import org.holdfast.proto.agent.v1.GuestHello;

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

  /** The part of a hello that speaks of the guest. */
  GuestHello.Builder hello() {
    return GuestHello.newBuilder()
        .setAgentVersion(agentVersion)
        .setKernelRelease(kernelRelease)
        .setBootId(bootId)
        .setFreezer(freezer)
        .setSocketMemoryBytes(socketMemoryBytes());
  }

  /**
   * What the kernel lets all TCP sockets have before it is sparing, bytes; 0 if it does not say. An
   * administrator may change it at any time, so it is read whenever it is asked for.
   */
  private static long socketMemoryBytes() {
    // The second of three numbers is where the kernel begins to be sparing.
    String[] numbers = line(Path.of("/proc/sys/net/ipv4/tcp_mem")).split("\\s+", -1);
    return numbers.length == 3 ? PAGE_BYTES * Long.parseLong(numbers[1]) : 0;
  }

  private static String line(Path file) {
    return KernelText.read(file).map(String::strip).orElse("");
  }
}
