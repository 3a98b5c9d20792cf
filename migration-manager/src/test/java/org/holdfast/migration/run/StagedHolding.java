package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.holdfast.api.DomainIdentity;
import org.holdfast.channel.AgentChannel;
import org.holdfast.channel.AgentFailure;
import org.holdfast.channel.ChannelOptions;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.migration.state.TransitionTable;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.RehearsalNetwork;
import org.holdfast.takeover.spool.SpoolBounds;
import org.holdfast.takeover.spool.SpoolSpace;
import org.slf4j.event.Level;

/**
 * Connections taken over from an agent on a network of their own, by the code that does it for real
 * VMs; ready to be claimed.
 */
final class StagedHolding implements AutoCloseable {
  private static final int CONNECTIONS = 2;
  private static final long ROOM = 1 << 20;
  private static final Path TRANSITIONS = Path.of("target", "transitions.txt");

  private final RehearsalNetwork stage;
  private final RehearsalGuest guest;
  private final GuestPorts ports;
  private final GuestAgent agent;
  private final Holding holding;
  private final Timeline timeline = new Timeline("test", Instant.now());

  /**
   * @param holder host:port, as the ticket names it
   * @param spool directory for what is received
   */
  StagedHolding(Holdings holdings, String holder, Path spool) throws IOException {
    this(holdings, holder, spool, UnaryOperator.identity());
    boolean taken = false;
    try {
      takeOver();
      taken = true;
    } finally {
      if (!taken) {
        close();
      }
    }
  }

  private StagedHolding(
      Holdings holdings, String holder, Path spool, UnaryOperator<TakeoverNamespace> breaking)
      throws IOException {
    stage = RehearsalNetwork.create();
    List<VmInterface> interfaces = List.of(stage.vmInterface());
    guest = RehearsalGuest.start(stage, CONNECTIONS);
    ports = stage.network().guestPorts(interfaces);
    AgentChannel channel = AgentChannel.connect(guest.channel(), ChannelOptions.defaults());
    agent = new GuestAgent(channel, channel.hello(Duration.ofSeconds(10)), Level.DEBUG);
    MigrationStateMachine machine = new MigrationStateMachine();
    machine.addListener(StagedHolding::note);
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    machine.fire(MigrationEvent.TAKE_OVER_TRIGGERED);
    holding =
        new Holding(
            new DomainIdentity("web1", UUID.randomUUID()),
            newTicket(holder),
            breaking.apply(stage.network().prepare(interfaces, options(spool))),
            machine,
            timeline);
    holdings.add(holding);
  }

  /**
   * Ready to be taken over.
   *
   * @param breaking what is put in the place of the namespace
   */
  static StagedHolding prepared(
      Holdings holdings, Path spool, UnaryOperator<TakeoverNamespace> breaking) throws IOException {
    return new StagedHolding(holdings, "test:1", spool, breaking);
  }

  private static HoldOptions options(Path spool) {
    SpoolBounds bounds = new SpoolBounds(ROOM, ROOM, ROOM, SpoolSpace.of(ROOM), spool);
    return new HoldOptions(HoldOptions.USUAL_BUFFER_BYTES, (int) ROOM, bounds);
  }

  void takeOver() {
    new TakeOver(agent, holding, ports, Duration.ZERO, Duration.ZERO).run();
  }

  private static Ticket newTicket(String holder) {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return Ticket.newBuilder()
        .setMigrationId(UUID.randomUUID().toString())
        .setHolder(holder)
        .setSecret(ByteString.copyFrom(secret))
        .build();
  }

  /** {@code ./test} fails if a transition of the table was taken in no test. */
  private static void note(TransitionTable.Transition taken) {
    try {
      Files.writeString(
          TRANSITIONS, taken + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Ticket ticket() {
    return holding.ticket();
  }

  UUID domain() {
    return holding.domain().uuid();
  }

  Holding holding() {
    return holding;
  }

  Stage stage() {
    return holding.namespace().stage();
  }

  MigrationState state() {
    return holding.machine().state();
  }

  /** Whether the agent keeps no ticket any more. */
  boolean guestIsReleased() throws AgentFailure {
    return !agent.channel().hello(Duration.ofSeconds(10)).hasTicket();
  }

  /** The host is not connected to the agent any more. */
  void hangUp() {
    agent.close();
  }

  /** Gives all of it back to the agent that it was taken over from. */
  List<LedgerEntry> giveBack(Holder holder) {
    return new GiveBack(domain(), agent, ports, timeline).run(holder, ticket());
  }

  @Override
  public void close() throws IOException {
    holding.drop();
    agent.close();
    ports.close();
    guest.close();
    stage.close();
  }
}
