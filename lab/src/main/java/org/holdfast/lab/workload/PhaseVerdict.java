package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a phase did to the connections that stood when it began.
 *
 * @param phase which
 * @param connections one verdict each
 */
public record PhaseVerdict(Phase phase, List<ConnectionVerdict> connections) {
  /** Keeps the list. */
  public PhaseVerdict {
    connections = List.copyOf(connections);
  }

  /** How many connections stood when it began. */
  public int of() {
    return connections.size();
  }

  /** How many of them went on or were completed. */
  public int kept() {
    return (int) connections.stream().filter(connection -> connection.fate().good()).count();
  }

  /** How many were lost: clients do not connect again, so this is also the number of reconnects. */
  public int lost() {
    return of() - kept();
  }

  /** How many findings of wrong bytes. */
  public int corrupted() {
    return connections.stream().mapToInt(connection -> connection.findings().size()).sum();
  }

  /** Bytes received and found right. */
  public long bytesVerified() {
    return connections.stream().mapToLong(ConnectionVerdict::bytesVerified).sum();
  }

  /** The longest silence of the echo probe: what an interactive peer notices. */
  public Duration stall() {
    return longestSilence(connection -> connection.kind() == ClientKind.ECHO);
  }

  /** The longest silence of any connection for which the predicate holds; zero if there is none. */
  public Duration longestSilence(Predicate<ConnectionVerdict> which) {
    return connections.stream()
        .filter(which)
        .map(ConnectionVerdict::longestSilence)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** The connections with a complaint. */
  public List<ConnectionVerdict> complaints() {
    return connections.stream()
        .filter(connection -> !connection.fate().good() || !connection.findings().isEmpty())
        .toList();
  }
}
