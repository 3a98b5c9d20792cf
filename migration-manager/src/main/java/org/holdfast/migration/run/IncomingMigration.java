package org.holdfast.migration.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.holdfast.api.DomainIdentity;
import org.holdfast.libvirt.DomainDescription;
import org.holdfast.libvirt.DomainInterface;
import org.holdfast.libvirt.DomainState.PauseReason;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.LifecycleEvent;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.record.Timeline;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.TimelineEntry;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.VmInterface;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The target's side of one migration: fences the VM's taps as soon as libvirt has made them, and
 * wakes the VM when libvirt says that it has arrived.
 *
 * <p>The VM arrives paused, whatever the operator asked for: so nothing of it speaks before its
 * ports are known to be fenced. The taps are fenced when they come to be, before that moment, since
 * QEMU itself announces the VM's address when the memory is complete.
 */
public final class IncomingMigration {
  private static final Logger log = LoggerFactory.getLogger(IncomingMigration.class);
  private static final int LOOK_INTERVAL_MILLIS = 10;
  private static final int ARRIVAL_INTERVAL_MILLIS = 500;

  /**
   * A holder that is not heard has noticed by then that nobody claims any more, and has dropped the
   * connections by the same bound.
   */
  private static final Duration AFTER_CLAIM_BOUND = Duration.ofSeconds(60);

  /** A source that announces a domain has asked libvirt for the job, or soon will. */
  private static final Duration COMING_BOUND = Duration.ofMinutes(15);

  /**
   * How it ended.
   *
   * @param ledger as the holder gave it; empty if the VM needed nothing
   * @param problem in words, if the connections could not be given back
   * @param arrived whether it came to run here
   */
  public record Result(
      List<LedgerEntry> ledger,
      List<TimelineEntry> timeline,
      Optional<String> problem,
      boolean arrived) {}

  private final Host host;
  private final PrepareRequest request;
  private final UUID domain;
  private final BooleanSupplier latest;
  private final Function<Ticket, Holder> holderOf;
  private final Timeline timeline;
  private final CompletableFuture<Result> result = new CompletableFuture<>();
  private @Nullable GuestPorts ports;
  private boolean woken;
  private volatile boolean abandoned;
  private volatile boolean ownSockets;
  private volatile Consumer<String> waitingFor = nobody -> {};

  /**
   * @param latest whether no later migration brings the same domain here
   * @param holderOf finds the holder that a ticket names
   */
  IncomingMigration(
      Host host,
      PrepareRequest request,
      UUID domain,
      BooleanSupplier latest,
      Function<Ticket, Holder> holderOf) {
    this.host = host;
    this.request = request;
    this.domain = domain;
    this.latest = latest;
    this.holderOf = holderOf;
    this.timeline =
        new Timeline(
            host.name(),
            Instant.ofEpochSecond(
                request.getOperationStart().getSeconds(), request.getOperationStart().getNanos()));
  }

  public String migrationId() {
    return request.getMigrationId();
  }

  /** host:port of whoever holds its connections. */
  String holder() {
    return request.getHolder();
  }

  UUID domain() {
    return domain;
  }

  /** Completes when the VM has its connections, or cannot have them, or does not come. */
  public CompletableFuture<Result> result() {
    return result;
  }

  /**
   * Has somebody hear why the VM still waits for its connections; the last who asked does.
   *
   * @param listener hears it in words
   */
  void onWaiting(Consumer<String> listener) {
    waitingFor = listener;
  }

  /**
   * Looks for the taps until they are there, and then for the VM: an event of libvirt's may be lost
   * with the libvirtd that would have told it, or with the daemon that would have heard it.
   */
  void start() {
    host.peers().connect(holder());
    Thread thread = new Thread(this::watch, "fence-" + request.getDomainName());
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      long deadline = System.nanoTime() + COMING_BOUND.toNanos();
      while (!abandoned && !look(this::tryFence)) {
        if (System.nanoTime() > deadline) {
          log.warn("{} did not come", request.getDomainName());
          abandon();
        }
        Thread.sleep(LOOK_INTERVAL_MILLIS);
      }
      while (!abandoned && !look(this::wakeIfArrived)) {
        Thread.sleep(ARRIVAL_INTERVAL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean look(BooleanSupplier what) {
    try {
      return what.getAsBoolean();
    } catch (RuntimeException e) {
      log.info("{} cannot be looked at now: {}", request.getDomainName(), e.toString());
      return false;
    }
  }

  /** While memory is still coming the VM is paused for another reason than an operator's. */
  private boolean wakeIfArrived() {
    boolean arrived =
        host.libvirt()
            .find(domain)
            .map(VirtualMachine::state)
            .filter(state -> state.isRunning() || state.pauseReason() == PauseReason.USER)
            .isPresent();
    if (arrived) {
      wake(System.nanoTime());
    }
    return arrived || isWoken();
  }

  private synchronized boolean isWoken() {
    return woken;
  }

  /** Fences the taps if libvirt has them. */
  synchronized boolean tryFence() {
    if (ports != null) {
      return true;
    }
    Optional<List<VmInterface>> found =
        host.active(domain).map(VirtualMachine::describe).flatMap(this::interfaces);
    if (found.isEmpty()) {
      return false;
    }
    GuestPorts fenced = host.network().guestPorts(found.get());
    fenced.fence();
    ports = fenced;
    timeline.add("fence target", timeline.now(), timeline.now());
    return true;
  }

  /** Empty while libvirt has not yet made the taps. */
  private Optional<List<VmInterface>> interfaces(DomainDescription description) {
    if (description.interfaces().stream().anyMatch(one -> one.targetDevice().isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        ClaimedInterfaces.of(
            description.interfaces().stream().filter(DomainInterface::isOnLinuxBridge).toList(),
            ClaimedInterfaces.announced(request)));
  }

  /** Something happened to the domain here. */
  void hear(LifecycleEvent event) {
    switch (event.detail()) {
      case STARTED_MIGRATED -> tryFence();
      case SUSPENDED_PAUSED, RESUMED_MIGRATED -> wake(event.nanoTime());
      case STOPPED_FAILED, STOPPED_DESTROYED -> abandon();
      default -> {}
    }
  }

  private synchronized void wake(long arrivedAt) {
    if (woken || abandoned) {
      return;
    }
    woken = true;
    timeline.add("arrived", arrivedAt, timeline.now());
    Thread thread = new Thread(this::giveBack, "wake-" + request.getDomainName());
    thread.start();
  }

  private void giveBack() {
    try {
      tryFence();
      GuestPorts open = fencedPorts();
      DomainIdentity who = identity();
      Arrival.Answer answer = askSource();
      if (answer == Arrival.Answer.STAYED) {
        log.warn("{} runs on {}: its copy here ends", who.name(), request.getSourceHost());
        StaleCopy.end(host, who, latest);
        open.close();
        end(List.of(), Optional.of("the domain stayed at its source"), false);
        return;
      }
      wake(who, open, answer == Arrival.Answer.NOT_HEARD);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      fail(failure, false);
    }
  }

  /**
   * @param sourceIsDead as an operator says who has continued the VM by hand: it need not wait
   */
  private void wake(DomainIdentity who, GuestPorts open, boolean sourceIsDead)
      throws InterruptedException {
    Duration bound = sourceIsDead ? Duration.ZERO : claimBound();
    long boundEnd = System.nanoTime() + bound.toNanos();
    Wake wake =
        new Wake(
            host, who, open, timeline, bound, () -> ownSockets, what -> waitingFor.accept(what));
    try {
      List<LedgerEntry> ledger = wake.run(holderOf);
      open.close();
      end(ledger, Optional.empty(), true);
    } catch (RuntimeException failure) {
      boolean runs = wake.hasContinued() || !StaleCopy.doesNotRun(host, who);
      try {
        if (runs) {
          if (!sourceIsDead) {
            awaitNothingHeld(wake, boundEnd);
          }
          serveWithout(wake);
        }
        // One that stands stays fenced: somebody may continue it by hand.
        if (runs || !wake.isActive()) {
          open.close();
        }
      } finally {
        fail(failure, runs);
      }
    }
  }

  /**
   * Its connections are lost, its network is not: it serves again as soon as nobody holds them.
   * Until then its port stays fenced, or two would speak.
   */
  private void awaitNothingHeld(Wake wake, long boundEnd) throws InterruptedException {
    Duration left = Duration.ofNanos(Math.max(0, boundEnd - System.nanoTime()));
    arrival().claimNoMore(left.plus(AFTER_CLAIM_BOUND), () -> isStillHere(wake));
  }

  private void serveWithout(Wake wake) {
    if (isStillHere(wake)) {
      wake.serveAsItIs();
    }
  }

  private boolean isStillHere(Wake wake) {
    return wake.isActive() && latest.getAsBoolean();
  }

  private void fail(RuntimeException failure, boolean runs) {
    log.error("{}: its connections could not be given back", request.getDomainName(), failure);
    end(List.of(), Optional.of(String.valueOf(failure.getMessage())), runs);
  }

  private DomainIdentity identity() {
    return new DomainIdentity(request.getDomainName(), domain);
  }

  private Arrival.Answer askSource() throws InterruptedException {
    long begin = timeline.now();
    Arrival.Answer answer = arrival().await(this::standsHere, what -> waitingFor.accept(what));
    timeline.add("ask source", begin, timeline.now());
    return answer;
  }

  private Arrival arrival() {
    return Arrival.of(host.peers(), request, domain);
  }

  private boolean standsHere() {
    try {
      return host.active(domain).filter(machine -> !machine.state().isRunning()).isPresent();
    } catch (LibvirtFailure unknown) {
      return true;
    }
  }

  private synchronized GuestPorts fencedPorts() {
    if (ports == null) {
      throw new IllegalStateException("the ports of " + domain + " are not known");
    }
    return ports;
  }

  private Duration claimBound() {
    return Duration.ofSeconds(request.getClaimBoundSeconds());
  }

  /** Nothing was taken over: the VM must not wait for an agent that may not answer. */
  void comesWithOwnSockets() {
    ownSockets = true;
  }

  /** The source says that the VM does not come. What libvirt may have left of it here ends. */
  void stays() {
    abandon();
    if (!abandoned && !neverRan()) {
      return; // it has arrived, and asks
    }
    Background.start(
        "stays-" + request.getDomainName(),
        () -> {
          StaleCopy.end(host, identity(), latest);
          closePorts();
        });
  }

  /** The next domain may get a tap of the same name: a fence must not outlive its own. */
  private synchronized void closePorts() {
    if (ports != null) {
      ports.close();
    }
  }

  private boolean neverRan() {
    return result.isDone() && !result.join().arrived();
  }

  /** The VM does not come. */
  synchronized void abandon() {
    if (woken || abandoned) {
      return;
    }
    abandoned = true;
    closePorts();
    end(List.of(), Optional.of("the domain did not arrive"), false);
  }

  private void end(List<LedgerEntry> ledger, Optional<String> problem, boolean arrived) {
    result.complete(new Result(ledger, timeline.entries(), problem, arrived));
  }
}
