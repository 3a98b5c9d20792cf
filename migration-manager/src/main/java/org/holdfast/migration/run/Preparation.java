package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.channel.AgentFailure;
import org.holdfast.libvirt.DomainDescription;
import org.holdfast.libvirt.DomainInterface;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.takeover.ProbedAddress;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a takeover of one VM needs, made while the VM runs undisturbed: its interfaces
 * checked, its agent greeted, its sockets scanned, the takeover namespace ready.
 */
final class Preparation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Preparation.class);
  private static final Duration PROBE_BOUND = Duration.ofMillis(150);
  private static final int SECRET_BYTES = 32;

  /** An emulated guest takes about ten seconds, a real one less than one. */
  private static final Duration SELF_TEST_BOUND = Duration.ofSeconds(40);

  private static final Duration SELF_TEST_PAUSE = Duration.ofMillis(200);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Host host;
  private final VirtualMachine machine;
  private final DomainDescription description;
  private final GuestAgent agent;

  private Preparation(
      Host host, VirtualMachine machine, DomainDescription description, GuestAgent agent) {
    this.host = host;
    this.machine = machine;
    this.description = description;
    this.agent = agent;
  }

  /**
   * Looks at the VM and greets its agent; changes nothing.
   *
   * @throws HoldfastException DOMAIN_NOT_RUNNING, UNSUPPORTED_NETWORK_TYPE, AGENT_ABSENT ...
   */
  static Preparation begin(Host host, VirtualMachine machine) {
    requireRunning(machine);
    DomainDescription description = machine.describe();
    requireBridges(host, description);
    GuestAgent agent =
        GuestAgent.connect(
            description, host.configuration().agent().answerTimeout(), host.channelOptions());
    return new Preparation(host, machine, description, agent);
  }

  static void requireRunning(VirtualMachine machine) {
    if (!machine.state().isRunning()) {
      throw new HoldfastException(
          ErrorCode.DOMAIN_NOT_RUNNING,
          "Domain %s does not run: its state is %s."
              .formatted(machine.name(), machine.state().kind()));
    }
  }

  private static void requireBridges(Host host, DomainDescription description) {
    for (DomainInterface one : description.interfaces()) {
      if (!one.isOnLinuxBridge() || one.targetDevice().isEmpty()) {
        throw new HoldfastException(
            ErrorCode.UNSUPPORTED_NETWORK_TYPE,
            "Interface %s of domain %s is of type %s, not a port of a Linux bridge."
                .formatted(one.mac(), description.name(), one.type()));
      }
      HostBridges.ofThisHost().require(host.name(), one.bridge().orElseThrow(), description.name());
    }
  }

  GuestAgent agent() {
    return agent;
  }

  VirtualMachine machine() {
    return machine;
  }

  DomainDescription description() {
    return description;
  }

  DomainIdentity domain() {
    return new DomainIdentity(machine.name(), machine.uuid());
  }

  /**
   * Waits while the agent, in a guest that has just started, still tries itself out: until then
   * both blackouts would be long. Does not wait for ever: a long blackout loses nothing.
   *
   * @param pulse called often; may throw to end the waiting
   */
  void awaitSelfTest(Runnable pulse) {
    long deadline = System.nanoTime() + SELF_TEST_BOUND.toNanos();
    GuestHello hello = agent.hello();
    while (!hello.getRehearsed() && System.nanoTime() < deadline) {
      pulse.run();
      try {
        Thread.sleep(SELF_TEST_PAUSE.toMillis());
        hello = agent.channel().hello(host.configuration().agent().answerTimeout());
      } catch (AgentFailure failure) {
        throw GuestAgent.told(machine.name(), failure);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HoldfastException(ErrorCode.SHUTTING_DOWN, "The preparation was interrupted.");
      }
    }
  }

  /** Asks the agent for its sockets and interfaces. */
  ScanResult scan() {
    try {
      return agent.channel().scan();
    } catch (AgentFailure failure) {
      throw GuestAgent.told(machine.name(), failure);
    }
  }

  /** The VM's interfaces with the addresses that are found to be its own. */
  private List<VmInterface> interfaces(List<GuestInterface> guest) {
    List<VmInterface> claimed = ClaimedInterfaces.of(description.interfaces(), guest);
    Set<InetAddress> own = new HashSet<>();
    for (ProbedAddress probed : host.network().probe(claimed, PROBE_BOUND)) {
      if (probed.isOwn() && isAllowed(probed.address().address())) {
        own.add(probed.address().address());
      } else {
        log.warn(
            "{}: address {} is left alone: {}",
            machine.name(),
            probed.address().address().getHostAddress(),
            probed.finding());
      }
    }
    return ClaimedInterfaces.withAddresses(claimed, one -> own.contains(one.address()));
  }

  private boolean isAllowed(InetAddress address) {
    var allowed = host.configuration().holding().allowedAddresses();
    return allowed.isEmpty() || allowed.stream().anyMatch(range -> range.contains(address));
  }

  /** Makes the namespace and the ticket. */
  Holding prepareHolding(Operation operation, List<VmInterface> interfaces) {
    TakeoverNamespace namespace;
    try {
      namespace =
          host.network()
              .prepare(interfaces, host.holdOptions(agent.hello().getSocketMemoryBytes()));
    } catch (TakeoverException failure) {
      throw Failures.ofTakeover(domain(), failure);
    }
    return new Holding(
        domain(),
        newTicket(operation.migrationId()),
        namespace,
        operation.machine(),
        operation.timeline());
  }

  private Ticket newTicket(String migrationId) {
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return Ticket.newBuilder()
        .setMigrationId(migrationId)
        .setHolder(host.address())
        .setSecret(ByteString.copyFrom(secret))
        .build();
  }

  /** What would become of its connections, by what the agent found and this host finds. */
  Outlook outlook(ScanResult scan) {
    return new Outlook(domain(), scan, interfaces(scan.getInterfacesList()));
  }

  @Override
  public void close() {
    agent.close();
  }
}
