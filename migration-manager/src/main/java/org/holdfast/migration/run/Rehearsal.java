package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.HoldfastException;
import org.holdfast.channel.AgentChannel;
import org.holdfast.channel.ChannelOptions;
import org.holdfast.migration.converge.TakeoverTrigger;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.RehearsalNetwork;
import org.holdfast.takeover.host.RehearsalPeers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A daemon that has just started takes connections of nobody over and gives them back, a few times,
 * in a network of its own, and claims them from itself as another host would. What a first takeover
 * would spend on loading and compiling code is spent here instead, and a host that cannot take over
 * says so in its log before it matters.
 */
final class Rehearsal {
  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
  private static final int ROUNDS = 8;
  private static final int CONNECTIONS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PAUSE_MILLIS = 250;
  private static final int HELD_MILLIS = 100;
  private static final int ATTEMPTS_TO_REACH_ITSELF = 20;

  private final Host host;

  Rehearsal(Host host) {
    this.host = host;
  }

  /** Begins; returns at once. */
  void start() {
    Thread thread = new Thread(this::run, "rehearsal");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  private void run() {
    long begin = System.nanoTime();
    try (RehearsalNetwork stage = RehearsalNetwork.create();
        RehearsalGuest guest = RehearsalGuest.start(stage, CONNECTIONS)) {
      Holder self = self();
      for (int round = 0; round < ROUNDS; round++) {
        play(stage, guest, self);
      }
      log.info(
          "Rehearsed for {} ms: this host can take over.", (System.nanoTime() - begin) / 1_000_000);
    } catch (RuntimeException | IOException failure) {
      log.warn("The rehearsal of a takeover failed; a real one may fail too.", failure);
    }
  }

  /** This host as another would see it, once its door is open; else without the network between. */
  private Holder self() {
    Holder self = new RemoteHolder(host.peers().channel(host.address()), host.address());
    for (int attempt = 0; attempt < ATTEMPTS_TO_REACH_ITSELF; attempt++) {
      try {
        self.claim(ticket(UUID.randomUUID().toString()), UUID.randomUUID()).close();
      } catch (HoldfastException answer) {
        switch (answer.code()) {
          case NOTHING_HELD -> {
            return self;
          }
          case HOLDER_UNREACHABLE -> pause(PAUSE_MILLIS);
          default -> attempt = ATTEMPTS_TO_REACH_ITSELF;
        }
      }
    }
    log.info(
        "This host does not reach itself at {}; rehearsing without the network.", host.address());
    return host.holdings();
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Ticket ticket(String migrationId) {
    return Ticket.newBuilder()
        .setMigrationId(migrationId)
        .setHolder(host.address())
        .setSecret(ByteString.copyFromUtf8(UUID.randomUUID().toString()))
        .build();
  }

  private void play(RehearsalNetwork stage, RehearsalGuest guest, Holder self) {
    List<VmInterface> interfaces = List.of(stage.vmInterface());
    TakeoverNamespace namespace = stage.network().prepare(interfaces, host.holdOptions(0));
    DomainIdentity nobody = new DomainIdentity("rehearsal", UUID.randomUUID());
    MigrationStateMachine machine = new MigrationStateMachine();
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    machine.fire(MigrationEvent.TAKE_OVER_TRIGGERED);
    Ticket ticket = ticket(UUID.randomUUID().toString());
    Timeline timeline = new Timeline(host.name(), Instant.now());
    Holding holding = new Holding(nobody, ticket, namespace, machine, timeline);
    try (GuestPorts ports = stage.network().guestPorts(interfaces);
        GuestAgent agent = greet(guest);
        RehearsalPeers peers = stage.peers(guest.connections())) {
      host.holdings().add(holding);
      new TakeOver(agent, holding, ports, TakeoverTrigger.LONGEST_STANDING, Duration.ZERO).run();
      pause(HELD_MILLIS);
      new GiveBack(nobody.uuid(), agent, ports, timeline).run(self, ticket);
    } finally {
      host.holdings().remove(holding);
      holding.drop();
    }
  }

  private static GuestAgent greet(RehearsalGuest guest) {
    AgentChannel channel = AgentChannel.connect(guest.channel(), ChannelOptions.defaults());
    return new GuestAgent(channel, channel.hello(PATIENCE), Level.DEBUG);
  }
}
