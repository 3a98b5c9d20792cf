package org.holdfast.lab.workload;

import java.util.List;

/**
 * What an application in the guest logged during a run.
 *
 * @param application sshd, redis, nginx, postgresql, stream-server
 * @param lines how many lines it logged
 * @param errors those that tell of an error
 */
public record GuestLog(String application, int lines, List<String> errors) {
  /** Keeps the list. */
  public GuestLog {
    errors = List.copyOf(errors);
  }
}
