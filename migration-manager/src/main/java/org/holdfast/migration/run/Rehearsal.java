package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.OneInterface;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.RehearsalNetwork;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final int FIRST_PEER_PORT = 40_000;
  private static final int PAUSE_MILLIS = 250;
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
    try (RehearsalNetwork stage = RehearsalNetwork.create()) {
      Holder self = self();
      for (int round = 0; round < ROUNDS; round++) {
        play(stage, self);
      }
      log.info(
          "Rehearsed for {} ms: this host can take over.", (System.nanoTime() - begin) / 1_000_000);
    } catch (RuntimeException | WireFormatException | UnknownHostException failure) {
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
          case HOLDER_UNREACHABLE -> pause();
          default -> attempt = ATTEMPTS_TO_REACH_ITSELF;
        }
      }
    }
    log.info(
        "This host does not reach itself at {}; rehearsing without the network.", host.address());
    return host.holdings();
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
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

  private void play(RehearsalNetwork stage, Holder self)
      throws WireFormatException, UnknownHostException {
    VmInterface vmInterface = stage.vmInterface();
    TakeoverNamespace namespace =
        stage.network().prepare(List.of(vmInterface), host.holdOptions(0));
    DomainIdentity nobody = new DomainIdentity("rehearsal", UUID.randomUUID());
    MigrationStateMachine machine = new MigrationStateMachine();
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    machine.fire(MigrationEvent.TAKE_OVER_TRIGGERED);
    Ticket ticket = ticket(UUID.randomUUID().toString());
    Holding holding =
        new Holding(nobody, ticket, namespace, machine, new Timeline(host.name(), Instant.now()));
    try {
      namespace.fence();
      takeOver(holding, namespace, vmInterface.addresses().get(0).address());
      namespace.open();
      namespace.connections().release();
      namespace.replayParked();
      machine.fire(MigrationEvent.TAKEN_OVER);
      host.holdings().add(holding);
      giveBack(self, ticket, nobody.uuid());
    } finally {
      host.holdings().remove(holding);
      holding.drop();
    }
  }

  private static void takeOver(Holding holding, TakeoverNamespace namespace, InetAddress local)
      throws WireFormatException, UnknownHostException {
    InetAddress peer = InetAddress.getByName("192.0.2.2");
    for (int i = 0; i < CONNECTIONS; i++) {
      TcpSnapshot snapshot =
          snapshot(
              new InetSocketAddress(local, 80), new InetSocketAddress(peer, FIRST_PEER_PORT + i));
      ConnectionState state =
          ConnectionCodec.encode(snapshot, org.holdfast.wire.InterfaceResolver.none());
      holding.add(ExportedConnection.newBuilder().setConnection(i).setState(state).build());
      TcpExport export =
          new TcpExport(
              ConnectionCodec.decode(state, OneInterface.of(state.getId())),
              ByteBuffer.allocate(0),
              ByteBuffer.allocate(0));
      namespace.connections().recreate(List.of(new ConnectionToHold(i, export, null)));
    }
  }

  private static TcpSnapshot snapshot(InetSocketAddress local, InetSocketAddress peer) {
    return new TcpSnapshot(
        SocketFamily.IPV4,
        local,
        peer,
        TcpState.ESTABLISHED,
        1_000,
        2_000,
        0,
        0,
        0,
        new NegotiatedOptions(true, true, true, 7, 7, 1448, false),
        1,
        new TcpWindow(2_000, 65_536, 65_536, 65_536, 2_000),
        new RoundTripTime(1_000, 500),
        "",
        false,
        false,
        0,
        0);
  }

  private static void giveBack(Holder self, Ticket ticket, UUID domain) {
    try (Claim claim = self.claim(ticket, domain)) {
      List<ConformedConnection> conformed = new ArrayList<>();
      claim.passAhead((connection, bytes) -> {});
      claim.take(
          reached ->
              conformed.add(
                  ConformedConnection.newBuilder()
                      .setConnection(reached.index())
                      .setConformed(true)
                      .build()));
      claim.passOnParked(frame -> {});
      claim.opened(frame -> {});
      claim.released(conformed);
    }
  }
}
