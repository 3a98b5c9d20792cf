package org.holdfast.api;

import org.holdfast.proto.v1.MigrateDomainRequest;

/**
 * When, while memory converges, a domain's connections are to be taken over.
 *
 * @param iteration QEMU's pass over the memory, from 1; only for {@link Kind#AT_ITERATION}, else 0
 */
public record TakeoverMoment(Kind kind, int iteration) {
  /** How the moment is chosen. */
  public enum Kind {
    /**
     * When the first pass nears its end; where much is to be sent again and gets less, when little
     * is left.
     */
    AUTO,
    /** As soon as the memory's copying has begun. */
    EARLY,
    /**
     * When QEMU could switch over, or it is clear that it never will; a guest at rest may be
     * through before, with its own sockets.
     */
    LATE,
    /** When the given pass begins. */
    AT_ITERATION
  }

  public static final TakeoverMoment AUTO = new TakeoverMoment(Kind.AUTO, 0);

  /**
   * @throws HoldfastException {@link ErrorCode#INVALID_ARGUMENT} if the value is one this version
   *     does not know, or the iteration is missing or too much
   */
  static TakeoverMoment of(MigrateDomainRequest request) {
    Kind kind =
        switch (request.getTakeover()) {
          case TAKEOVER_MOMENT_UNSPECIFIED, TAKEOVER_MOMENT_AUTO -> Kind.AUTO;
          case TAKEOVER_MOMENT_EARLY -> Kind.EARLY;
          case TAKEOVER_MOMENT_LATE -> Kind.LATE;
          case TAKEOVER_MOMENT_AT_ITERATION -> Kind.AT_ITERATION;
          case UNRECOGNIZED ->
              throw new HoldfastException(
                  ErrorCode.INVALID_ARGUMENT,
                  "The moment of the takeover is a value this daemon does not know.",
                  "Use AUTO, EARLY, LATE or AT_ITERATION, or upgrade the daemon.");
        };
    int iteration = request.getTakeoverIteration();
    if (kind == Kind.AT_ITERATION ? iteration < 1 : iteration != 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The iteration of the takeover is 1 or more with AT_ITERATION, and not given otherwise.");
    }
    return new TakeoverMoment(kind, iteration);
  }
}
