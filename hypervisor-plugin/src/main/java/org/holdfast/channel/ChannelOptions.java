package org.holdfast.channel;

import java.time.Duration;

/**
 * How a channel is used.
 *
 * @param silenceBound after this long without a word from the host the agent thaws everything; 100
 *     ms to 60 s. Whoever keeps something frozen pings at a third of it
 * @param answerBound how long any request but hello may take as a whole
 * @param limits how much the guest may say
 */
public record ChannelOptions(Duration silenceBound, Duration answerBound, GuestLimits limits) {

  /**
   * @throws IllegalArgumentException if the silence bound is out of the protocol's bounds
   */
  public ChannelOptions {
    if (silenceBound.toMillis() < 100 || silenceBound.toMillis() > 60_000) {
      throw new IllegalArgumentException(
          "the silence bound is 100 ms to 60 s, not " + silenceBound);
    }
  }

  /** 2 s of silence, 10 s for an answer. */
  public static ChannelOptions defaults() {
    return new ChannelOptions(
        Duration.ofSeconds(2), Duration.ofSeconds(10), GuestLimits.defaults());
  }

  /** The same with another bound for answers. */
  public ChannelOptions withAnswerBound(Duration bound) {
    return new ChannelOptions(silenceBound, bound, limits);
  }

  /** The same with other bounds on what the guest may say. */
  public ChannelOptions withLimits(GuestLimits other) {
    return new ChannelOptions(silenceBound, answerBound, other);
  }

  /** The same with another silence bound. */
  public ChannelOptions withSilenceBound(Duration bound) {
    return new ChannelOptions(bound, answerBound, limits);
  }
}
