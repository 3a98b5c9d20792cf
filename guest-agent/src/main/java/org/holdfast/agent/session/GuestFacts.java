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

  /** Reads them. */
  public static GuestFacts read(String agentVersion, boolean freezer) {
    return new GuestFacts(
        agentVersion,
        line(Path.of("/proc/sys/kernel/osrelease")),
        line(Path.of("/proc/sys/kernel/random/boot_id")),
        freezer);
  }

  private static String line(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
