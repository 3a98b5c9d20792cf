package org.holdfast.migration.run;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.channel.AgentChannel;
import org.holdfast.channel.AgentFailure;
import org.holdfast.channel.ChannelOptions;
import org.holdfast.libvirt.DomainDescription;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.ReadyResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The way to a VM's agent: opens the channel and greets.
 *
 * @param channel open and greeted
 * @param hello what the agent said of itself
 * @param importance of what is done with it, for the log
 */
record GuestAgent(AgentChannel channel, GuestHello hello, Level importance)
    implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GuestAgent.class);

  /**
   * @param bound how long the agent may take to answer
   * @param options how it is spoken to, and how much it may say
   * @throws HoldfastException AGENT_ABSENT, AGENT_SILENT, AGENT_TOO_OLD, KERNEL_TOO_OLD
   */
  static GuestAgent connect(DomainDescription domain, Duration bound, ChannelOptions options) {
    Path path =
        domain
            .channelPath()
            .orElseThrow(
                () ->
                    new HoldfastException(
                        ErrorCode.AGENT_ABSENT,
                        "Domain %s has no channel org.holdfast.guest.0.".formatted(domain.name())));
    AgentChannel channel = open(domain.name(), path, options);
    try {
      GuestHello hello = channel.hello(bound);
      if (hello.getMissingCount() > 0) {
        throw new HoldfastException(
            ErrorCode.KERNEL_TOO_OLD,
            "The guest of domain %s (Linux %s) lacks: %s."
                .formatted(
                    domain.name(),
                    hello.getKernelRelease(),
                    String.join("; ", hello.getMissingList())));
      }
      return new GuestAgent(channel, hello, Level.INFO);
    } catch (AgentFailure failure) {
      channel.close();
      throw told(domain.name(), failure);
    } catch (HoldfastException failure) {
      channel.close();
      throw failure;
    }
  }

  private static AgentChannel open(String domain, Path path, ChannelOptions options) {
    try {
      return AgentChannel.connect(path, options);
    } catch (AgentFailure failure) {
      throw told(domain, failure);
    }
  }

  /** The agent's failure as an operator's error. */
  static HoldfastException told(String domain, AgentFailure failure) {
    ErrorCode code =
        switch (failure.code()) {
          case ABSENT -> ErrorCode.AGENT_ABSENT;
          case SILENT, DISCONNECTED -> ErrorCode.AGENT_SILENT;
          case TOO_OLD -> ErrorCode.AGENT_TOO_OLD;
          case REFUSED, MALFORMED, TOO_LARGE -> ErrorCode.AGENT_FAILED;
          case INTERRUPTED -> ErrorCode.SHUTTING_DOWN;
        };
    return new HoldfastException(
        code,
        "The agent in domain %s: %s.".formatted(domain, failure.getMessage()),
        code.usualRemedy(),
        failure);
  }

  /** Has the log tell what an agent did ahead of a blackout. */
  void tell(String domain, ReadyResult ready) {
    tell(
        "{}: the agent rehearsed for {} us, and had its owners stand after {} us more",
        domain,
        ready.getRehearseMicros(),
        ready.getFreezeMicros());
  }

  /**
   * Has the log tell of something done with the agent.
   *
   * @param format with a pair of braces for each of {@code facts}
   */
  void tell(String format, Object... facts) {
    log.atLevel(importance).log(format, facts);
  }

  /** Without the hello: the ticket stands in it. */
  @Override
  public String toString() {
    return "agent " + hello.getAgentVersion();
  }

  @Override
  public void close() {
    channel.close();
  }
}
