package org.holdfast.lab.workload;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/** Reads the lines that events.py writes. */
final class EventParser {
  private EventParser() {}

  /**
   * Reads one line.
   *
   * @throws LoadException if it is none of those events.py writes
   */
  static LoadEvent parse(String line) {
    List<String> fields = List.of(line.split("\t", -1));
    try {
      Instant time = instant(fields, 1);
      return switch (fields.get(0)) {
        case "O" ->
            new LoadEvent.Opened(
                time,
                fields.get(2),
                ClientKind.valueOf(fields.get(3)),
                fields.get(4),
                fields.get(5),
                fields.get(6));
        case "P" ->
            new LoadEvent.Progress(
                time, fields.get(2), number(fields, 3), number(fields, 4), duration(fields, 5));
        case "S" -> new LoadEvent.Silence(time, fields.get(2), instant(fields, 3));
        case "C" -> new LoadEvent.Corruption(time, fields.get(2), words(fields, 3));
        case "L" -> new LoadEvent.Lost(time, fields.get(2), words(fields, 3));
        case "E" -> new LoadEvent.Ended(time, fields.get(2), words(fields, 3));
        case "T" -> new LoadEvent.Rate(time, number(fields, 2));
        case "X" -> new LoadEvent.ClientFailure(time, words(fields, 2));
        case "Z" -> new LoadEvent.AllEnded(time);
        default -> throw new IllegalArgumentException("unknown kind " + fields.get(0));
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new LoadException(
          LoadException.Code.EVENTS_UNREADABLE, "not a line of the load's clients: " + line, e);
    }
  }

  private static Instant instant(List<String> fields, int index) {
    return Instant.EPOCH.plus(number(fields, index), ChronoUnit.MICROS);
  }

  private static Duration duration(List<String> fields, int index) {
    return Duration.of(number(fields, index), ChronoUnit.MICROS);
  }

  private static long number(List<String> fields, int index) {
    return Long.parseLong(fields.get(index));
  }

  private static String words(List<String> fields, int from) {
    return fields.stream().skip(from).collect(Collectors.joining(" "));
  }
}
