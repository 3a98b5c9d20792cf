package org.holdfast.agent.session;

import java.time.Duration;

/** Bounds on what the host may ask. Beyond them a request is refused, never cut short. */
final class AgentLimits {
  /** Connections in one export or give-back. */
  static final int CONNECTIONS = 100_000;

  /** Received bytes of all connections of one give-back; they wait outside the Java heap. */
  static final long RECEIVED_BYTES = 1280L << 20;

  /** Queue bytes in one QueueChunk. */
  static final int CHUNK_BYTES = 128 * 1024;

  /** Connections in one ScanResult, so that it fits into a frame. */
  static final int SCANNED_PER_MESSAGE = 500;

  /** Unmanaged connections named by one ExportResult, so that it fits into a frame. */
  static final int UNMANAGED_NAMED = 1000;

  /** Length of a name in a request, characters. */
  static final int NAME_CHARACTERS = 256;

  /** Length of a ticket's secret, bytes. */
  static final int SECRET_BYTES = 32;

  static final int LOWEST_SILENCE_MILLIS = 100;
  static final int HIGHEST_SILENCE_MILLIS = 60_000;
  static final int LOWEST_FREEZE_MILLIS = 10;
  static final int HIGHEST_FREEZE_MILLIS = 10_000;
  static final int HIGHEST_STANDING_MILLIS = 2000;

  /** Until the host has said its own bound. */
  static final Duration DEFAULT_SILENCE = Duration.ofSeconds(2);

  private AgentLimits() {}
}
