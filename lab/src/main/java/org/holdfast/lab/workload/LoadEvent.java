package org.holdfast.lab.workload;

import java.time.Duration;
import java.time.Instant;

/** What a client reported; the lines are described in events.py. */
public sealed interface LoadEvent {
  /** When it happened, to the microsecond, by the peer's clock. */
  Instant time();

  /** What concerns a connection opened before. */
  sealed interface OfConnection extends LoadEvent {
    /** Its name. */
    String connection();
  }

  /** A connection was opened; a client tells it once. */
  record Opened(
      Instant time, String connection, ClientKind kind, String local, String remote, String note)
      implements LoadEvent {}

  /**
   * How far a connection is.
   *
   * @param bytes verified since it opened
   * @param units probes, messages, answers since it opened
   * @param longestGap between two receipts since the progress told before
   */
  record Progress(Instant time, String connection, long bytes, long units, Duration longestGap)
      implements OfConnection {}

  /** Nothing was received from {@code time} until {@code until}. */
  record Silence(Instant time, String connection, Instant until) implements OfConnection {}

  /** Something wrong was received. */
  record Corruption(Instant time, String connection, String words) implements OfConnection {}

  /** The connection is gone; there will be no other in its place. */
  record Lost(Instant time, String connection, String words) implements OfConnection {}

  /** The client ended the connection after all was verified. */
  record Ended(Instant time, String connection, String words) implements OfConnection {}

  /** Bytes all streams verified in the 50 ms from {@code time}. */
  record Rate(Instant time, long bytes) implements LoadEvent {}

  /** A client failed of itself: what it would have found is unknown. */
  record ClientFailure(Instant time, String words) implements LoadEvent {}

  /** All clients have ended. */
  record AllEnded(Instant time) implements LoadEvent {}
}
