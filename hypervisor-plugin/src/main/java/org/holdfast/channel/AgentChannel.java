package org.holdfast.channel;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.ForgetRequest;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostHello;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Ping;
import org.holdfast.proto.agent.v1.ReadyRequest;
import org.holdfast.proto.agent.v1.ReadyResult;
import org.holdfast.proto.agent.v1.ReleaseRequest;
import org.holdfast.proto.agent.v1.ReleaseResult;
import org.holdfast.proto.agent.v1.ScanRequest;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.Ticket;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with the agent in a guest. Begin with {@link #hello}; the order of the rest stands
 * in agent.proto. Safe for use by several threads: a ping may go out while an export comes in.
 *
 * <p>Every method throws {@link AgentFailure}. QEMU serves one connection at a time: close a
 * channel when it is not used, or the next one finds the agent ABSENT.
 */
public final class AgentChannel implements AutoCloseable {
  /** The lowest version of the protocol spoken here. */
  public static final int LOWEST_VERSION = 1;

  /** The highest version of the protocol spoken here. */
  public static final int HIGHEST_VERSION = 1;

  private static final Duration FIRST_HELLO_INTERVAL = Duration.ofMillis(20);
  private static final Duration LONGEST_HELLO_INTERVAL = Duration.ofMillis(320);

  private final ChannelTransport transport;
  private final ChannelOptions options;

  private AgentChannel(ChannelTransport transport, ChannelOptions options) {
    this.transport = transport;
    this.options = options;
  }

  /**
   * Connects to the Unix socket of a domain's channel; the agent may yet be absent.
   *
   * @throws AgentFailure ABSENT if nobody listens on the socket
   */
  public static AgentChannel connect(Path socket, ChannelOptions options) {
    return new AgentChannel(ChannelTransport.connect(socket, options.answerBound()), options);
  }

  /**
   * Greets the agent until it answers, after 20 ms again, then less and less often; heals a channel
   * that was cut in mid-frame.
   *
   * @param bound how long to try
   * @throws AgentFailure ABSENT, SILENT if it was heard before on this channel, TOO_OLD
   */
  public GuestHello hello(Duration bound) {
    Deadline deadline = Deadline.in(bound);
    try (PendingAnswer answer = transport.expectRepeatedly("greet the agent")) {
      HostMessage hello =
          HostMessage.newBuilder()
              .setRequest(answer.request())
              .setHello(
                  HostHello.newBuilder()
                      .setLowestVersion(LOWEST_VERSION)
                      .setHighestVersion(HIGHEST_VERSION)
                      .setSilenceBoundMillis((int) options.silenceBound().toMillis()))
              .build();
      GuestMessage message = null;
      Duration interval = FIRST_HELLO_INTERVAL;
      while (message == null && !deadline.isOver()) {
        transport.say(hello);
        message = answer.poll(deadline.atMost(interval));
        Duration twice = interval.multipliedBy(2);
        interval = twice.compareTo(LONGEST_HELLO_INTERVAL) < 0 ? twice : LONGEST_HELLO_INTERVAL;
      }
      if (message == null) {
        throw noAnswerToHello(bound);
      }
      return GuestAnswers.hello(one(answer, message, GuestMessage::hasHello).getHello(), answer);
    }
  }

  private AgentFailure noAnswerToHello(Duration bound) {
    boolean known = transport.everHeard();
    return new AgentFailure(
        known ? AgentFailure.Code.SILENT : AgentFailure.Code.ABSENT,
        "the agent did not answer within "
            + bound.toMillis()
            + " ms (is holdfast-guest-agent "
            + (known ? "still running" : "installed and running")
            + " in the guest?)");
  }

  /** Every TCP connection and interface of the guest. */
  public ScanResult scan() {
    try (PendingAnswer answer = transport.expect("list the connections")) {
      Deadline deadline = Deadline.in(options.answerBound());
      transport.say(
          HostMessage.newBuilder()
              .setRequest(answer.request())
              .setScan(ScanRequest.getDefaultInstance())
              .build());
      ScanAssembly assembly = new ScanAssembly(answer, options.limits());
      GuestMessage message;
      do {
        message = answer.next(deadline);
        assembly.add(message);
      } while (!message.getLast());
      return assembly.result();
    }
  }

  /**
   * Does ahead what need not be part of a blackout: the agent tries out what is to come, and the
   * owners of the connections come to a stand. The next export or conform goes on from there;
   * {@link #forget}, or silence, lets them run again.
   *
   * @param freezeBound how long the owners may take to stand
   */
  public ReadyResult ready(Duration freezeBound) {
    return ready(freezeBound, "");
  }

  /**
   * The same before a give-back; the VM's ports are fenced.
   *
   * @param domainUuid libvirt's, as {@link ConformTransfer#commit} will have it
   */
  public ReadyResult ready(Duration freezeBound, String domainUuid) {
    return ask(
            "stand ready",
            HostMessage.newBuilder()
                .setReady(
                    ReadyRequest.newBuilder()
                        .setFreezeBoundMillis((int) freezeBound.toMillis())
                        .setDomainUuid(domainUuid)),
            GuestMessage::hasReadyResult)
        .getReadyResult();
  }

  /**
   * Has the connections frozen, read and let go on; the agent keeps the ticket and its duplicates
   * of the descriptors. Close the answer in any case.
   *
   * @param ticket to show when the VM wakes
   * @param freezeBound how long the agent may keep applications frozen
   * @param standing how long they go on standing after that, in the guest's own time, for a conform
   *     that comes soon
   */
  public ExportTransfer beginExport(Ticket ticket, Duration freezeBound, Duration standing) {
    return new ExportTransfer(
        transport,
        options,
        ExportRequest.newBuilder()
            .setTicket(ticket)
            .setFreezeBoundMillis((int) freezeBound.toMillis())
            .setTakesRest(true)
            .setStandMillis((int) standing.toMillis())
            .build());
  }

  /** The takeover did not happen: the agent drops ticket and duplicates. */
  public void forget(String migrationId) {
    ask(
        "forget the takeover",
        HostMessage.newBuilder().setForget(ForgetRequest.newBuilder().setMigrationId(migrationId)),
        GuestMessage::hasForgetResult);
  }

  /**
   * Begins to hand over what the connections have reached; close it in any case. The guest's
   * sockets are not touched before {@link ConformTransfer#commit}.
   */
  public ConformTransfer beginConform() {
    return new ConformTransfer(transport, options);
  }

  /**
   * Hands over what all connections have reached and has the guest's sockets conformed.
   *
   * @return once they are; owners are frozen and sockets in repair until {@link #release}
   */
  public ConformResult conform(Iterable<ConformTransfer.Item> items, ConformCommit commit) {
    try (ConformTransfer transfer = beginConform()) {
      for (ConformTransfer.Item item : items) {
        transfer.send(item);
      }
      return transfer.commit(commit);
    }
  }

  /** The VM's port is open: conformed sockets leave repair, their owners run. */
  public ReleaseResult release(String migrationId) {
    return ask(
            "release the connections",
            HostMessage.newBuilder()
                .setRelease(ReleaseRequest.newBuilder().setMigrationId(migrationId)),
            GuestMessage::hasReleaseResult)
        .getReleaseResult();
  }

  /** A word, so that the agent does not take this host for dead; waits for the answer. */
  public void ping() {
    ask(
        "ping the agent",
        HostMessage.newBuilder().setPing(Ping.getDefaultInstance()),
        GuestMessage::hasPong);
  }

  /** When the agent was last heard, or the channel was opened; scale of System.nanoTime(). */
  public long lastHeardNanos() {
    return transport.lastHeardNanos();
  }

  /**
   * When the last word to the agent was out, on the scale of System.nanoTime(); what the agent's
   * silence bound is measured from.
   */
  public long lastWordAt() {
    return transport.lastSaidNanos();
  }

  /** Whoever waits gets DISCONNECTED. The agent is told nothing. */
  @Override
  public void close() {
    transport.close();
  }

  private GuestMessage ask(
      String operation, HostMessage.Builder question, Predicate<GuestMessage> expected) {
    try (PendingAnswer answer = transport.expect(operation)) {
      transport.say(question.setRequest(answer.request()).build());
      return one(answer, answer.next(Deadline.in(options.answerBound())), expected);
    }
  }

  /** Checks that a message is the whole answer. */
  static GuestMessage one(
      PendingAnswer answer, @Nullable GuestMessage message, Predicate<GuestMessage> expected) {
    if (message == null || !message.getLast() || !expected.test(message)) {
      throw answer.malformed(
          Breach.WRONG_ANSWER,
          "it says " + (message == null ? "nothing" : message.getBodyCase().name()));
    }
    return message;
  }
}
