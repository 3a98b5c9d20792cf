package org.holdfast.migration.hold;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.host.v1.KeptConnection;
import org.holdfast.proto.host.v1.KeptHolding;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.ClaimProof;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one VM that this host holds, from the fence to the last dropped copy. The lock
 * of this object is the one thread at a time that {@link TakeoverNamespace} asks for.
 */
public final class Holding {
  private static final Logger log = LoggerFactory.getLogger(Holding.class);

  private static final String TRANSLATED =
      "this host translates its addresses: its entry in the connection tracking was not moved";

  /** Step of the timeline: the copies' port closed, until the VM's own port is open. */
  public static final String BLACKOUT_GIVE_BACK = "blackout give-back";

  private final DomainIdentity domain;
  private final Ticket ticket;
  private final TakeoverNamespace namespace;
  private final MigrationStateMachine machine;
  private Timeline timeline;
  private final Map<Integer, HeldRecord> records = new TreeMap<>();
  private final List<LedgerEntry> unmanaged = new ArrayList<>();
  private FrameCount passedOn = FrameCount.NONE;
  private long shutAt;
  private boolean claimed;
  private LongPredicate hostHasRoom = sendBytes -> true;

  /** Read by the host's other holdings, without this one's lock. */
  private volatile int admittedConnections;

  private volatile long admittedBytes;

  /**
   * @param ticket given to the guest
   * @param namespace where the copies live; closed when the holding ends
   * @param machine of the operation that took over
   * @param timeline of that operation
   */
  public Holding(
      DomainIdentity domain,
      Ticket ticket,
      TakeoverNamespace namespace,
      MigrationStateMachine machine,
      Timeline timeline) {
    this.domain = domain;
    this.ticket = ticket;
    this.namespace = namespace;
    this.machine = machine;
    this.timeline = timeline;
  }

  /**
   * Goes on with what an earlier process held.
   *
   * @param kept its {@link #note}
   * @param namespace taken up
   * @param machine of the operation that took over, at HOLDING or ROLLING_BACK
   * @param timeline of what is done about it from now on
   */
  public static Holding goOn(
      KeptHolding kept,
      TakeoverNamespace namespace,
      MigrationStateMachine machine,
      Timeline timeline) {
    DomainIdentity domain =
        new DomainIdentity(kept.getDomainName(), UUID.fromString(kept.getDomainUuid()));
    Holding holding = new Holding(domain, kept.getTicket(), namespace, machine, timeline);
    for (KeptConnection connection : kept.getConnectionsList()) {
      holding.records.put(connection.getExported().getConnection(), new HeldRecord(connection));
    }
    holding.unmanaged.addAll(kept.getUnmanagedList());
    return holding;
  }

  /** All that {@link #goOn} needs. The ticket is in it: for memory only. */
  public synchronized byte[] note() {
    KeptHolding.Builder kept =
        KeptHolding.newBuilder()
            .setDomainUuid(domain.uuid().toString())
            .setDomainName(domain.name())
            .setTicket(ticket)
            .addAllUnmanaged(unmanaged);
    records.values().forEach(held -> kept.addConnections(held.toKept()));
    return kept.build().toByteArray();
  }

  public DomainIdentity domain() {
    return domain;
  }

  public String migrationId() {
    return ticket.getMigrationId();
  }

  public Ticket ticket() {
    return ticket;
  }

  public MigrationStateMachine machine() {
    return machine;
  }

  public synchronized Timeline timeline() {
    return timeline;
  }

  /** Records the rest on the timeline of another operation: a resume after a suspend. */
  public synchronized void recordOn(Timeline other) {
    timeline = other;
  }

  /** The VM's interfaces as the copies play them. */
  public synchronized List<VmInterface> interfaces() {
    return namespace.interfaces();
  }

  /** The namespace of this holding; use it under this object's lock. */
  public TakeoverNamespace namespace() {
    return namespace;
  }

  /** Notes an exported connection. */
  public synchronized void add(ExportedConnection exported) {
    records.put(exported.getConnection(), new HeldRecord(exported));
  }

  synchronized void boundBy(LongPredicate room) {
    hostHasRoom = room;
  }

  /**
   * Asks for room for one more connection, before it is copied.
   *
   * @param sendBytes in its send queue
   * @return false if this host holds as much as it may; the connection is left to TCP then
   */
  public synchronized boolean admit(int index, long sendBytes) {
    if (!hostHasRoom.test(sendBytes)) {
      record(index).leftToTcp(UnmanagedReason.UNMANAGED_REASON_HOST_FULL, "");
      return false;
    }
    admittedConnections = admittedConnections + 1;
    admittedBytes = admittedBytes + sendBytes;
    return true;
  }

  int admittedConnections() {
    return admittedConnections;
  }

  long admittedBytes() {
    return admittedBytes;
  }

  /** The host's kernel refused the copy of a connection. */
  public synchronized void notRecreated(int index, String why) {
    record(index).leftToTcp(UnmanagedReason.UNMANAGED_REASON_RECREATE_FAILED, why);
  }

  /** A connection stands on an address that was not found to be the VM's. */
  public synchronized void addressNotOwned(int index) {
    record(index).leftToTcp(UnmanagedReason.UNMANAGED_REASON_ADDRESS_NOT_OWNED, "");
  }

  /** Notes connections that are left to TCP. */
  public synchronized void addUnmanaged(List<LedgerEntry> entries) {
    unmanaged.addAll(entries);
  }

  synchronized HeldRecord record(int index) {
    HeldRecord held = records.get(index);
    if (held == null) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "There is no connection with the number " + index + ".");
    }
    return held;
  }

  /** How many copies there are. */
  public synchronized int size() {
    return namespace.connections().size();
  }

  /** Every connection of the VM, with its outcome so far. */
  public synchronized List<LedgerEntry> ledger() {
    if (namespace.stage() == Stage.OPEN) {
      count();
    }
    List<LedgerEntry> ledger = new ArrayList<>();
    records.values().forEach(held -> ledger.add(held.entry()));
    ledger.addAll(unmanaged);
    return ledger;
  }

  private void count() {
    for (HeldStatistics copy : namespace.connections().statistics()) {
      record(copy.index()).counted(copy.receivedBytes(), copy.deliveredBytes());
    }
  }

  /**
   * Begins a claim.
   *
   * @throws HoldfastException CLAIM_REFUSED if ticket or domain are not this holding's;
   *     NOTHING_HELD if the takeover did not come about or the connections were given back already
   */
  public synchronized HeldClaim claim(ClaimProof proof) {
    if (!proof.domainUuid().equals(domain.uuid().toString()) || !proof.proves(ticket)) {
      throw new HoldfastException(
          ErrorCode.CLAIM_REFUSED,
          "The ticket shown for domain %s is not the one given to it."
              .formatted(proof.domainUuid()));
    }
    if (!isHeld()) {
      throw new HoldfastException(
          ErrorCode.NOTHING_HELD,
          "No connections of domain %s are held: the operation is %s."
              .formatted(domain.name(), machine.state()));
    }
    if (claimed) {
      throw new HoldfastException(
          ErrorCode.ALREADY_MIGRATING,
          "The connections of domain %s are being claimed already.".formatted(domain.name()));
    }
    claimed = true;
    return new HoldingClaim(this);
  }

  /** What can be known elsewhere of what this host's firewall knows; the ledger names the rest. */
  synchronized List<TrackedConnection> tracked() {
    List<TrackedConnection> movable = new ArrayList<>();
    try {
      for (org.holdfast.takeover.TrackedConnection tracked : namespace.tracked()) {
        HeldRecord held = record(tracked.index());
        if (tracked.translated()) {
          held.remark(TRANSLATED);
        } else {
          movable.add(
              TrackedConnection.newBuilder()
                  .setConnection(tracked.index())
                  .setId(held.exported().getState().getId())
                  .setState(held.exported().getState().getState())
                  .setEntry(ByteString.copyFrom(tracked.entry()))
                  .build());
        }
      }
    } catch (TakeoverException e) {
      log.warn("{}: {}", domain.name(), e.getMessage());
    }
    return movable;
  }

  /** Also where the way back has failed, or a claimant got lost: then it can be tried again. */
  private boolean isHeld() {
    return switch (machine.state()) {
      case HOLDING, GIVING_BACK, ROLLING_BACK, FAILED ->
          namespace.stage() == Stage.OPEN || namespace.stage() == Stage.PARKING;
      default -> false;
    };
  }

  /** The copies fall silent. From here until {@link #opened} or {@link #reopen} nobody answers. */
  synchronized void shut() {
    machine.tryFire(MigrationEvent.CLAIMED);
    shutAt = timeline.now();
    count();
    if (namespace.stage() != Stage.PARKING) { // else a process before this one has shut it
      namespace.shut();
    }
    timeline.add("shut", shutAt, timeline.now());
  }

  /** The VM's own port is open: nothing of this holding ever speaks again. */
  synchronized void opened() {
    timeline.add(BLACKOUT_GIVE_BACK, shutAt, timeline.now());
  }

  /** The claim broke before the VM's port was open: the copies answer again. */
  synchronized void reopen() {
    claimed = false;
    if (namespace.stage() == Stage.PARKING) {
      namespace.open();
      namespace.connections().resumeHolding();
      namespace.replayParked();
      namespace.announce();
      machine.tryFire(MigrationEvent.CLAIM_BROKEN);
    }
  }

  /** The claim broke when the VM's port may be open already: nobody speaks until that is known. */
  synchronized void stayShut() {
    claimed = false;
    log.warn(
        "{}: its claimant is not heard any more; the copies stay silent until it claims again",
        domain.name());
  }

  /** The one whose claim broke says that the guest has its connections. */
  public synchronized void servedElsewhere() {
    machine.tryFire(MigrationEvent.CLAIMED); // a daemon that was started since knows of no claim
    if (machine.tryFire(MigrationEvent.RELEASED).isPresent()) {
      records.values().stream().filter(HeldRecord::isHeld).forEach(HeldRecord::kept);
      namespace.close();
    }
  }

  /** Passes on what came for the VM while it was held, and since the copies fell silent. */
  synchronized void passOnParked(Consumer<ParkedFrame> receiver) {
    passedOn = passedOn.plus(namespace.passOnParked(receiver));
  }

  /** The same, with what still comes, until the bridge sends it elsewhere. */
  synchronized void handOver(Consumer<ParkedFrame> receiver) {
    passedOn = passedOn.plus(namespace.handOver(receiver));
    log.info("{}: frames that came while it was away: {}", domain.name(), passedOn);
  }

  /** What an operator should know of the frames that came meanwhile; empty if none got lost. */
  public synchronized String remark() {
    return passedOn.lost() == 0
        ? ""
        : "%d frames that came for the domain while it was away did not fit and were dropped."
            .formatted(passedOn.lost());
  }

  /** The guest's sockets serve: notes the outcomes and drops the copies. */
  synchronized List<LedgerEntry> released(List<ConformedConnection> conformed) {
    for (ConformedConnection connection : conformed) {
      HeldRecord held = record(connection.getConnection());
      if (!connection.getConformed()) {
        held.notConformed(connection.getProblem());
      } else if (held.isHeld()) {
        held.kept();
        held.remark(connection.getProblem());
      }
    }
    List<LedgerEntry> ledger = ledger();
    namespace.close();
    if (machine.tryFire(MigrationEvent.RELEASED).isEmpty()) {
      machine.tryFire(MigrationEvent.RESTORED);
    }
    return ledger;
  }

  /**
   * The VM's port is open but whoever opened it is not heard any more. The guest's sockets were
   * conformed before that, so the copies go; what became of each is not known here.
   */
  synchronized void abandonedAfterOpening() {
    givenUp("the target was not heard after it opened the VM's port");
  }

  /**
   * Nobody will claim these connections any more: everything of this holding goes, without a word
   * to the peers.
   *
   * @param why in words, for the ledger
   */
  public synchronized void givenUp(String why) {
    records.values().stream().filter(HeldRecord::isHeld).forEach(held -> held.notConformed(why));
    try {
      namespace.close();
    } finally {
      machine.tryFire(MigrationEvent.CLAIMED); // nobody came to do that
      machine.tryFire(MigrationEvent.BROKEN);
    }
  }

  /**
   * The same, unless somebody claims them in this moment.
   *
   * @return whether they are given up
   */
  public synchronized boolean giveUpUnlessClaimed(String why) {
    if (!claimed) {
      givenUp(why);
    }
    return !claimed;
  }

  /** Whether a claim is under way. */
  public synchronized boolean isClaimed() {
    return claimed;
  }

  /**
   * The VM is gone, or speaks for itself without having claimed: everything of this holding goes,
   * without a word to the peers. What cannot be cleared away is told in the log.
   */
  public synchronized void drop() {
    try {
      namespace.close();
    } catch (TakeoverException e) {
      log.warn("{}: not all was cleared away: {}", domain.name(), e.getMessage());
    }
  }
}
