package org.holdfast.migration.run;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.channel.AgentFailure;
import org.holdfast.libvirt.DomainState.PauseReason;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.record.Timeline;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.VmInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A VM wakes with its ports fenced: continues it, asks its agent for the ticket, and gives back
 * what is held under it. Repeats the claim while the holder cannot be heard; the VM runs meanwhile,
 * only its network waits.
 */
final class Wake {
  private static final Logger log = LoggerFactory.getLogger(Wake.class);
  private static final Duration PAUSE_BETWEEN_CLAIMS = Duration.ofMillis(250);

  private final Host host;
  private final DomainIdentity domain;
  private final GuestPorts ports;
  private final Timeline timeline;
  private final Duration claimBound;
  private final BooleanSupplier ownSockets;
  private final Consumer<String> waitingFor;

  /** Once it runs again, whoever stops it means it. */
  private boolean continued;

  /** Its port is or may be open: what the holder has grows old, and must not be claimed again. */
  private boolean speaks;

  /**
   * @param ports of the VM on this host, fenced
   * @param claimBound how long a claim is repeated
   * @param ownSockets whether it is known that nothing is held; may become true at any time
   * @param waitingFor hears in words why the claim is repeated
   */
  Wake(
      Host host,
      DomainIdentity domain,
      GuestPorts ports,
      Timeline timeline,
      Duration claimBound,
      BooleanSupplier ownSockets,
      Consumer<String> waitingFor) {
    this.host = host;
    this.domain = domain;
    this.ports = ports;
    this.timeline = timeline;
    this.claimBound = claimBound;
    this.ownSockets = ownSockets;
    this.waitingFor = waitingFor;
  }

  /** Where this host itself holds the connections. */
  static Wake ofThisHost(
      Host host,
      DomainIdentity domain,
      GuestPorts ports,
      Timeline timeline,
      Consumer<String> waitingFor) {
    return new Wake(host, domain, ports, timeline, host.claimBound(), () -> false, waitingFor);
  }

  /**
   * Does it.
   *
   * @param holderOf finds the holder that a ticket names
   * @return the ledger; empty if the guest has its own sockets and needed nothing
   * @throws HoldfastException the connections are still held; the VM runs with its ports fenced
   */
  List<LedgerEntry> run(Function<Ticket, Holder> holderOf) {
    long deadline = timeline.now() + claimBound.toNanos();
    while (true) {
      try {
        return ownSockets.getAsBoolean() ? openAsItIs() : giveBack(holderOf);
      } catch (HoldfastException failure) {
        if (!isWorthRepeating(failure.code()) || timeline.now() > deadline) {
          throw failure;
        }
        requireStillThere(failure);
        log.warn("{}: the claim is repeated: {}", domain.name(), failure.getMessage());
        waitingFor.accept(failure.whatHappened());
        pause();
      }
    }
  }

  /**
   * Fences the VM's ports of this host, and does it. Where it fails the fence stays, for the copies
   * still speak: it is lifted when the VM is gone, or by the next attempt.
   *
   * @param interfaces of the VM here
   * @param waitingFor hears in words why the claim is repeated
   * @return as {@link #run}
   * @throws HoldfastException as {@link #run}
   */
  static List<LedgerEntry> here(
      Host host,
      DomainIdentity domain,
      List<VmInterface> interfaces,
      Timeline timeline,
      Consumer<String> waitingFor) {
    GuestPorts ports = host.network().guestPorts(interfaces);
    ports.fence();
    Wake wake = ofThisHost(host, domain, ports, timeline, waitingFor);
    boolean serves = false;
    try {
      List<LedgerEntry> ledger = wake.run(ticket -> host.holdings());
      serves = true;
      return ledger;
    } finally {
      if (serves || !wake.isActive()) {
        ports.close();
      }
    }
  }

  /** A domain that was stopped meanwhile needs no connections any more. */
  private void requireStillThere(HoldfastException why) {
    if (!isActive()) {
      throw new HoldfastException(
          ErrorCode.DOMAIN_NOT_RUNNING,
          "Domain %s was stopped before its connections could be given back."
              .formatted(domain.name()),
          ErrorCode.DOMAIN_NOT_RUNNING.usualRemedy(),
          why);
    }
  }

  /**
   * Whether there is a domain at all to give connections back to. Only libvirt's own word says that
   * there is none: one that cannot be asked does not know.
   */
  boolean isActive() {
    try {
      return host.active(domain.uuid()).isPresent();
    } catch (LibvirtFailure unknown) {
      return unknown.code() != LibvirtFailure.Code.NO_DOMAIN;
    }
  }

  /**
   * Asks libvirt about the domain, or for something, anew each time: libvirtd may be another one
   * than a moment ago.
   *
   * @throws HoldfastException LIBVIRT_UNREACHABLE while it is not there; DOMAIN_NOT_RUNNING if it
   *     does not know the domain
   */
  private <T> T ask(Function<VirtualMachine, T> question) {
    try {
      return question.apply(
          host.libvirt()
              .find(domain.uuid())
              .orElseThrow(
                  () ->
                      new HoldfastException(
                          ErrorCode.DOMAIN_NOT_RUNNING,
                          "Domain %s is not known here any more.".formatted(domain.name()))));
    } catch (LibvirtFailure failure) {
      throw Failures.of(failure);
    }
  }

  /**
   * The channel of a VM that stands takes a word already: the agent finds it when it wakes, before
   * everything that peers and applications have for the VM's processor.
   */
  private GuestAgent continueAndGreet() {
    CompletableFuture<GuestAgent> greeted =
        CompletableFuture.supplyAsync(
            this::greet, work -> new Thread(work, "greet-" + domain.name()).start());
    try {
      timeline.record("continue", this::continueMachine);
    } catch (RuntimeException failure) {
      greeted.thenAccept(GuestAgent::close);
      throw failure;
    }
    try {
      return greeted.join();
    } catch (CompletionException failure) {
      throw StatusMapping.asHoldfastException(failure);
    }
  }

  /** Whether the VM was seen to run here since. */
  boolean hasContinued() {
    return continued;
  }

  /** A libvirtd that was killed in the middle of a migration leaves the domain as it finds it. */
  void continueIfLeftStanding() {
    ask(
        machine -> {
          if (machine.state().pauseReason() == PauseReason.MIGRATION) {
            machine.resume();
          }
          return machine;
        });
  }

  private void continueMachine() {
    ask(
        machine -> {
          if (!machine.state().isRunning()) {
            machine.resume();
          }
          return machine;
        });
    continued = true;
  }

  private List<LedgerEntry> giveBack(Function<Ticket, Holder> holderOf) {
    try (GuestAgent agent = continued ? greet() : continueAndGreet()) {
      if (!agent.hello().hasTicket()) {
        timeline.record("open", ports::open);
        ports.announce();
        return List.of();
      }
      Ticket ticket = agent.hello().getTicket();
      if (speaks) {
        return keepOwnSockets(agent, ticket);
      }
      GiveBack attempt = new GiveBack(domain.uuid(), agent, ports, timeline);
      try {
        return attempt.run(holderOf.apply(ticket), ticket);
      } catch (HoldfastException failure) {
        speaks = attempt.isOpen();
        if (failure.code() == ErrorCode.NOTHING_HELD) {
          return keepOwnSockets(agent, ticket);
        }
        throw failure;
      }
    }
  }

  private GuestAgent greet() {
    long begin = timeline.now();
    try {
      return GuestAgent.connect(
          ask(VirtualMachine::describe),
          host.configuration().agent().answerTimeout(),
          host.channelOptions());
    } finally {
      timeline.add("greet agent", begin, timeline.now());
    }
  }

  /** Nothing is held, so nobody's word is needed. */
  private List<LedgerEntry> openAsItIs() {
    timeline.record("continue", this::continueMachine);
    serveAsItIs();
    return List.of();
  }

  /**
   * It runs, and nothing is held for it: it goes on with the sockets it has. An agent that answers
   * forgets the ticket that it may have; one that does not is told so when it shows it.
   */
  void serveAsItIs() {
    timeline.record("open", ports::open);
    ports.announce();
    try (GuestAgent agent = greet()) {
      if (agent.hello().hasTicket()) {
        forget(agent, agent.hello().getTicket());
      }
    } catch (HoldfastException unheard) {
      log.info("{}: its agent is not heard: {}", domain.name(), unheard.getMessage());
    }
  }

  /** One that does not hear it is told so when it shows the ticket. */
  private void forget(GuestAgent agent, Ticket ticket) {
    try {
      agent.channel().forget(ticket.getMigrationId());
    } catch (AgentFailure unheard) {
      log.info("{}: its agent keeps a ticket: {}", domain.name(), unheard.getMessage());
    }
  }

  /** The takeover did not come about, or is over: what the guest has is all there is. */
  private List<LedgerEntry> keepOwnSockets(GuestAgent agent, Ticket ticket) {
    log.info("{}: its ticket is good for nothing; it keeps its own sockets", domain.name());
    forget(agent, ticket);
    timeline.record("open", ports::open);
    ports.announce();
    return List.of();
  }

  private static boolean isWorthRepeating(ErrorCode code) {
    return switch (code) {
      case HOLDER_UNREACHABLE,
          AGENT_SILENT,
          AGENT_ABSENT,
          AGENT_FAILED,
          ALREADY_MIGRATING,
          LIBVIRT_UNREACHABLE ->
          true;
      default -> false;
    };
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_BETWEEN_CLAIMS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HoldfastException(ErrorCode.SHUTTING_DOWN, "The claim was interrupted.");
    }
  }
}
