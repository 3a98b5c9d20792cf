package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.List;

/**
 * What a phase did to one connection.
 *
 * @param name unique in the run
 * @param kind of client
 * @param fate what became of it
 * @param bytesVerified received and found right within the phase, to half a second
 * @param findings what was received wrong, in words; empty if nothing
 * @param longestSilence within the phase
 * @param words the client's last ones, empty if it goes on
 */
public record ConnectionVerdict(
    String name,
    ClientKind kind,
    Fate fate,
    long bytesVerified,
    List<String> findings,
    Duration longestSilence,
    String words) {
  /** Keeps the findings. */
  public ConnectionVerdict {
    findings = List.copyOf(findings);
  }
}
