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
        .setSocketMemoryBytes(SocketMemory.ofGuest().unsparingBytes());
  }

  private static String line(Path file) {
    return KernelText.read(file).map(String::strip).orElse("");
  }
}
