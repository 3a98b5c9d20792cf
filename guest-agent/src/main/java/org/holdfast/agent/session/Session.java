package org.holdfast.agent.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.channel.MessageOutput;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.session.SelfTest.Half;
import org.holdfast.proto.agent.v1.AgentError;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.ForgetResult;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostHello;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Pong;
import org.holdfast.proto.agent.v1.ReadyRequest;
import org.holdfast.proto.agent.v1.ReadyResult;
import org.holdfast.proto.agent.v1.ReleaseResult;
import org.holdfast.proto.agent.v1.Ticket;

/**
 * Answers the host, one request after the other, and holds what must outlast a request ({@link
 * Held}). For one thread. Nothing of the host's is believed before it is checked.
 */
public final class Session {
  /** The only version of the protocol there is. */
  private static final int VERSION = 1;

  private static final Logger LOGGER = System.getLogger(Session.class.getName());

  private final GuestKernel kernel;
  private final Discovery discovery;
  private final GuestFacts facts;
  private final ProbePatience patience = new ProbePatience();
  private final SelfTest selfTest;
  private final MessageOutput output;
  private final Level newsLevel;
  private final Standing standing;
  private final Nursery nursery = new Nursery();

  private Held held = new Held.Nothing();
  private ConformBatch batch = ConformBatch.none();
  private Duration silenceBound = AgentLimits.DEFAULT_SILENCE;
  private long lastHeardNanos;

  /**
   * @param selfTest of this guest
   * @param output where answers go
   * @param newsLevel at which takeovers and give-backs are logged
   */
  public Session(
      GuestKernel kernel,
      GuestFacts facts,
      SelfTest selfTest,
      MessageOutput output,
      Level newsLevel) {
    this.kernel = kernel;
    this.discovery = kernel.discovery();
    this.facts = facts;
    this.selfTest = selfTest;
    this.output = output;
    this.newsLevel = newsLevel;
    this.standing = new Standing(discovery, kernel.freezer());
  }

  /** Whether a ticket is kept: the host will want to be answered at once. */
  public boolean keepsTicket() {
    return !(held instanceof Held.Nothing);
  }

  /**
   * Answers one message.
   *
   * @throws HostGoneException if the host did not take the answer
   */
  public void handle(HostMessage message) throws HostGoneException {
    lastHeardNanos = System.nanoTime();
    Reply reply = new Reply(output, message.getRequest());
    try {
      answer(message, reply);
    } catch (AgentException e) {
      refuse(reply, e);
    } catch (RuntimeException e) {
      LOGGER.log(Level.ERROR, "request " + message.getBodyCase() + " failed", e);
      refuse(reply, new AgentException(AgentErrorCode.AGENT_ERROR_CODE_INTERNAL, e.toString()));
    }
    lastHeardNanos = System.nanoTime();
  }

  /** Thaws and releases if the host has been silent for too long. Called often. */
  public void watch() {
    standing.watch();
    if (System.nanoTime() - lastHeardNanos < silenceBound.toNanos()) {
      return;
    }
    if (held instanceof Held.InRepair inRepair) {
      LOGGER.log(Level.WARNING, "the host is silent: releasing and thawing; the ticket is kept");
      held = inRepair.undo();
    }
    batch = ConformBatch.none();
    thawStanding();
  }

  /**
   * What is under way on the channel is lost; what is held stays, until the silence is too long.
   */
  public void hostGone() {
    batch = ConformBatch.none();
  }

  /**
   * Goes on with what an agent that died had held. To be called once, before anything is thawed
   * that it had frozen: an application would find its socket in repair.
   */
  public void recover() {
    kernel
        .record()
        .leftOver()
        .ifPresent(
            note -> {
              held = new HeldRecovery(kernel).find(note);
              patience.goOn(note.getProbesBefore());
            });
  }

  /** The agent ends: whatever stands must run. What the host holds is noted for the next agent. */
  public void close() {
    thawStanding();
    undoRepair();
  }

  private void answer(HostMessage message, Reply reply) throws HostGoneException, AgentException {
    if (message.getRequest() == 0) {
      throw RequestChecks.malformed("a request has a number other than 0");
    }
    switch (message.getBodyCase()) {
      case HELLO -> hello(message.getHello(), reply);
      case SCAN -> ScanRun.run(discovery, reply);
      case READY -> ready(message.getReady(), reply);
      case EXPORT -> export(message.getExport(), reply);
      case FORGET -> forget(message.getForget().getMigrationId(), reply);
      case CONFORM -> {
        ConformBatch collected = batch(message.getRequest());
        collected.add(message.getConform(), discovery.interfaces());
        conformRipe(collected);
      }
      case CHUNK -> {
        ConformBatch collected = batch(message.getRequest());
        collected.add(message.getChunk());
        conformRipe(collected);
      }
      case CONFORM_COMMIT ->
          conform(batch(message.getRequest()), message.getConformCommit(), reply);
      case RELEASE -> release(message.getRelease().getMigrationId(), reply);
      case PING -> reply.last(GuestMessage.newBuilder().setPong(Pong.getDefaultInstance()));
      case BODY_NOT_SET ->
          throw RequestChecks.malformed("a request of a kind this agent does not know");
    }
  }

  private void hello(HostHello hello, Reply reply) throws HostGoneException, AgentException {
    if (hello.getLowestVersion() > VERSION || hello.getHighestVersion() < VERSION) {
      throw new AgentException(
          AgentErrorCode.AGENT_ERROR_CODE_VERSION,
          "this agent speaks version " + VERSION + " only; update the older side");
    }
    silenceBound =
        Duration.ofMillis(
            RequestChecks.bounded(
                hello.getSilenceBoundMillis(),
                AgentLimits.LOWEST_SILENCE_MILLIS,
                AgentLimits.HIGHEST_SILENCE_MILLIS,
                "silence_bound_millis"));
    GuestHello.Builder answer =
        facts
            .hello()
            .setLowestVersion(VERSION)
            .setHighestVersion(VERSION)
            .setTakesAhead(true)
            .setRehearsed(selfTest.isOver())
            .addAllMissing(selfTest.missing());
    exported().ifPresent(exported -> answer.setTicket(exported.ticket()));
    reply.last(GuestMessage.newBuilder().setHello(answer));
  }

  private void ready(ReadyRequest request, Reply reply) throws HostGoneException, AgentException {
    Duration bound = RequestChecks.freezeBound(request.getFreezeBoundMillis());
    undoRepair(); // of an attempt that came to nothing
    long begin = System.nanoTime();
    selfTest.again(held instanceof Held.Exported ? Half.GIVE_BACK : Half.TAKE_OVER);
    nursery.empty();
    long warm = System.nanoTime();
    if (held instanceof Held.Exported exported) {
      kernel.memory().makeRoomFor(2 * ConformRun.LITTLE_BYTES); // received, and unsent
      standing.keep(standing.takeIfAllStand()).forConform(exported, request.getDomainUuid(), bound);
    } else {
      thawStanding();
      kernel.record().prepare();
      standing.keep(standing.take()).forExport(kernel.sockets(), bound);
    }
    reply.last(
        GuestMessage.newBuilder()
            .setReadyResult(
                ReadyResult.newBuilder()
                    .setRehearseMicros((warm - begin) / 1000)
                    .setFreezeMicros((System.nanoTime() - warm) / 1000)));
  }

  private void thawStanding() {
    if (standing.thaw() && held instanceof Held.Nothing) {
      kernel.record().clear();
    }
  }

  private void export(ExportRequest request, Reply reply) throws HostGoneException, AgentException {
    Ticket ticket = RequestChecks.ticket(request.getTicket());
    Duration freezeBound = RequestChecks.freezeBound(request.getFreezeBoundMillis());
    if (held instanceof Held.Exported before && before.ticket().equals(ticket)) {
      drop(before); // the host did not get the first answer
    }
    if (!(held instanceof Held.Nothing)) {
      throw RequestChecks.outOfOrder("a ticket is kept already; forget it first");
    }
    Duration standsOn = RequestChecks.standing(request.getStandMillis());
    Readiness ready = standing.take();
    boolean done = false;
    try (Duplicator duplicator = new Duplicator(kernel.sockets())) {
      ExportRun run = new ExportRun(discovery, duplicator, reply, request.getTakesRest());
      List<HeldConnection> connections = run.run(ready, freezeBound);
      Held.Exported exported = new Held.Exported(ticket, freezeBound, connections);
      held = exported;
      patience.lengthen();
      kernel.record().write(exported, patience.before());
      run.sendRest(freezeBound);
      LOGGER.log(newsLevel, connections.size() + " connections exported to " + ticket.getHolder());
      done = true;
    } finally {
      standing.keep(ready, done ? standsOn : Duration.ZERO);
    }
  }

  private void forget(String migrationId, Reply reply) throws HostGoneException, AgentException {
    thawStanding();
    if (held instanceof Held.InRepair inRepair) {
      RequestChecks.requireTicket(inRepair.exported(), migrationId);
      undoRepair();
    }
    if (held instanceof Held.Exported exported) {
      RequestChecks.requireTicket(exported, migrationId);
      drop(exported);
    }
    reply.last(GuestMessage.newBuilder().setForgetResult(ForgetResult.getDefaultInstance()));
  }

  /**
   * What is being collected under this request. A new attempt to give back begins where the last
   * one failed: everything is undone first.
   */
  private ConformBatch batch(long request) {
    if (batch.request() != request) {
      batch = new ConformBatch(request);
      undoRepair();
      if (held instanceof Held.Nothing) {
        batch.refuse(RequestChecks.outOfOrder("no ticket is kept here"));
      }
    }
    return batch;
  }

  /** Where owners stand already, connections are conformed while the host still sends others. */
  private void conformRipe(ConformBatch collected) {
    if (held instanceof Held.Conforming conforming) {
      collected.withRipe(conforming.run()::conform);
    } else if (held instanceof Held.Exported) {
      standing
          .expectedDomain()
          .ifPresent(domain -> collected.withRipe(ripe -> beginConform(domain).conform(ripe)));
    }
  }

  private void conform(ConformBatch collected, ConformCommit commit, Reply reply)
      throws HostGoneException, AgentException {
    batch = ConformBatch.none();
    boolean done = false;
    try {
      Collection<ConformBatch.Item> rest = collected.complete(commit.getConnections());
      Held.Exported exported =
          exported().orElseThrow(() -> RequestChecks.outOfOrder("no ticket is kept here"));
      RequestChecks.requireTicket(exported, commit.getMigrationId());
      ConformRun run = beginConform(commit.getDomainUuid());
      run.conform(rest);
      ConformResult result = run.finish(commit.getDomainUuid());
      held = new Held.Conformed(exported, run.conformed(), run.freeze());
      done = true;
      reply.last(GuestMessage.newBuilder().setConformResult(result));
    } finally {
      if (!done) {
        thawStanding();
        undoRepair();
      }
    }
  }

  /** The run that is under way, or a new one: then it begins with what ready has brought about. */
  private ConformRun beginConform(String domainUuid) throws AgentException {
    if (held instanceof Held.Conforming conforming) {
      return conforming.run();
    }
    if (!(held instanceof Held.Exported exported)) {
      throw RequestChecks.outOfOrder("nothing waits to be conformed here");
    }
    Readiness ready = standing.take();
    ConformRun run = new ConformRun(exported, kernel, ready, ready.tokens(exported, domainUuid));
    held = new Held.Conforming(exported, run);
    run.begin();
    return run;
  }

  private void undoRepair() {
    if (held instanceof Held.InRepair inRepair) {
      held = inRepair.undo();
    }
  }

  private void release(String migrationId, Reply reply) throws HostGoneException, AgentException {
    if (!(held instanceof Held.Conformed conformed)) {
      throw RequestChecks.outOfOrder("nothing is conformed here");
    }
    RequestChecks.requireTicket(conformed.exported(), migrationId);
    long begin = System.nanoTime();
    held = conformed.undo();
    long released = System.nanoTime();
    drop(conformed.exported());
    reply.last(
        GuestMessage.newBuilder()
            .setReleaseResult(
                ReleaseResult.newBuilder()
                    .setReleased(conformed.conformed().size())
                    .setReleaseMicros((released - begin) / 1000)));
    LOGGER.log(newsLevel, conformed.conformed().size() + " connections are the guest's own again");
  }

  private void drop(Held.Exported exported) {
    for (HeldConnection connection : exported.connections()) {
      try {
        connection.socket().close();
      } catch (RuntimeException e) {
        LOGGER.log(Level.WARNING, "a duplicate is not closed: " + e);
      }
    }
    held = new Held.Nothing();
    patience.restore();
    kernel.record().clear();
    batch = ConformBatch.none();
  }

  private Optional<Held.Exported> exported() {
    if (held instanceof Held.Exported exported) {
      return Optional.of(exported);
    }
    return held instanceof Held.InRepair inRepair
        ? Optional.of(inRepair.exported())
        : Optional.empty();
  }

  private void refuse(Reply reply, AgentException problem) throws HostGoneException {
    LOGGER.log(Level.WARNING, problem.code() + ": " + problem.explanation());
    try {
      reply.last(
          GuestMessage.newBuilder()
              .setError(
                  AgentError.newBuilder()
                      .setCode(problem.code())
                      .setMessage(problem.explanation())));
    } catch (AgentException e) {
      throw new HostGoneException("an error too large to tell: " + e.explanation());
    }
  }
}
