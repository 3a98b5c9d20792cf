package org.holdfast.agent;

import java.nio.file.Path;
import java.util.List;

/**
 * What the command line says.
 *
 * @param port the virtio port, or a Unix socket that stands for one
 * @param record where it is noted what stands
 * @param purpose what to do
 */
record AgentOptions(Path port, Path record, Purpose purpose) {
  /** What the agent is started for. */
  enum Purpose {
    /** Rehearse in the background, and serve. */
    SERVE,
    /** Serve at once, with no self-test. */
    SERVE_UNREHEARSED,
    /** Rehearse and end: writes the class archive at installation. */
    REHEARSE_ONLY
  }

  static final String USAGE =
      "usage: holdfast-guest-agent [--port PATH] [--record PATH]"
          + " [--no-rehearsal | --rehearse-only | --version]";

  private static final Path DEFAULT_PORT = Path.of("/dev/virtio-ports/org.holdfast.guest.0");
  private static final Path DEFAULT_RECORD = Path.of("/run/holdfast-guest-agent/frozen");

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException for anything it does not know
   */
  static AgentOptions parse(List<String> arguments) {
    Path port = DEFAULT_PORT;
    Path record = DEFAULT_RECORD;
    Purpose purpose = Purpose.SERVE;
    for (int at = 0; at < arguments.size(); at++) {
      String argument = arguments.get(at);
      switch (argument) {
        case "--port" -> port = Path.of(value(arguments, ++at, argument));
        case "--record" -> record = Path.of(value(arguments, ++at, argument));
        case "--no-rehearsal" -> purpose = Purpose.SERVE_UNREHEARSED;
        case "--rehearse-only" -> purpose = Purpose.REHEARSE_ONLY;
        default -> throw new IllegalArgumentException("unknown argument: " + argument);
      }
    }
    return new AgentOptions(port, record, purpose);
  }

  private static String value(List<String> arguments, int at, String argument) {
    if (at >= arguments.size()) {
      throw new IllegalArgumentException(argument + " needs a value");
    }
    return arguments.get(at);
  }
}
