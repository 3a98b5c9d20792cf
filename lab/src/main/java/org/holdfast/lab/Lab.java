package org.holdfast.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * Two KVM hosts and a peer, real ones, as containers on docker networks of their own.
 *
 * <pre>
 *      docker network 0, IPv4 from docker, IPv6 set by hand
 *   ---+------------------+------------------+-----------
 *      | eth0             | eth0             | eth0
 *   +--+-----------+   +--+-----------+   +--+----+
 *   | br0  kvm1    |   | br0  kvm2    |   | peer  |
 *   |  +-vnet0 VM  |   |              |   |       |
 *   | br1          |   | br1          |   |       |
 *   +--+-----------+   +--+-----------+   +--+----+
 *      | eth1             | eth1             | eth1
 *   ---+------------------+------------------+-----------
 *      docker network 1, for second interfaces
 * </pre>
 *
 * A lab outlives the process that starts it, until {@link #close()}; others find it with {@link
 * #attach}. Labs of different names share nothing but the image cache.
 */
public final class Lab implements AutoCloseable {
  /** A guest that wakes to 50 streams on an emulated processor takes a while to greet. */
  private static final int SSH_SECONDS = 20;

  private static final List<String> HOSTS = List.of("kvm1", "kvm2");
  private static final String PEER = "peer";

  private final String name;
  private final List<KvmHost> hosts;
  private final LabContainer peer;

  private Lab(LabState state) {
    this.name = state.name();
    this.hosts = HOSTS.stream().map(host -> new KvmHost(host, containerId(state, host))).toList();
    this.peer = new LabContainer(PEER, containerId(state, PEER));
  }

  private static String containerId(LabState state, String machine) {
    String id = state.containers().get(machine);
    if (id == null) {
      throw new LabException("lab '" + state.name() + "' has no machine " + machine);
    }
    return id;
  }

  /**
   * Builds the images that are missing and starts a lab. If that fails, nothing of it is left.
   *
   * @throws LabException if a lab of that name is up already, or it cannot be started
   */
  public static Lab start(LabOptions options) {
    try (StartLock ignored = StartLock.take(options.name())) {
      if (LabState.names().contains(options.name())) {
        throw new LabException(
            "lab '" + options.name() + "' is up already; use it, or ./lab.sh down it first");
      }
      ImageBuilder images = ImageBuilder.build(options);
      try {
        return LabStart.start(options, images);
      } catch (RuntimeException e) {
        remove(options.name());
        throw e;
      }
    }
  }

  /** The lab that was started under this name, perhaps by another process. */
  public static Lab attach(String name) {
    return new Lab(LabState.load(name));
  }

  /** The names of the labs that are up. */
  public static List<String> running() {
    return LabState.names();
  }

  /** Removes all that exists of a lab, whether it is up or was left half-made. */
  public static void remove(String name) {
    LabOptions.checkName(name);
    new ContainerFactory(name).removeAll();
    LabState.remove(name);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** The KVM hosts: kvm1, kvm2. */
  public List<KvmHost> hosts() {
    return hosts;
  }

  /**
   * The KVM host of that name.
   *
   * @throws LabException if there is none
   */
  public KvmHost host(String hostName) {
    return hosts.stream()
        .filter(host -> host.name().equals(hostName))
        .findFirst()
        .orElseThrow(() -> new LabException("the lab has hosts " + HOSTS + ", but no " + hostName));
  }

  /** The machine from which clients speak to the VMs. */
  public LabContainer peer() {
    return peer;
  }

  /** All containers: the hosts and the peer. */
  public List<LabContainer> machines() {
    List<LabContainer> machines = new ArrayList<>(hosts);
    machines.add(peer);
    return machines;
  }

  /** The VMs started and not destroyed. */
  public List<VirtualMachine> vms() {
    return state().vms().stream()
        .map(vm -> new VirtualMachine(this, vm.name(), vm.interfaces()))
        .toList();
  }

  /**
   * The VM of that name.
   *
   * @throws LabException if there is none
   */
  public VirtualMachine vm(String vmName) {
    return vms().stream()
        .filter(vm -> vm.name().equals(vmName))
        .findFirst()
        .orElseThrow(
            () -> new LabException("no VM '" + vmName + "' was started; ./lab.sh vm list"));
  }

  /**
   * Starts a VM and returns at once; {@link VirtualMachine#awaitReady()} waits until it has booted.
   *
   * @throws LabException if there is one of that name already, or libvirt refuses it
   */
  public VirtualMachine startVm(VmOptions options) {
    KvmHost host = host(options.host());
    LabState changed =
        LabState.change(
            name,
            state -> {
              if (state.vm(options.name()).isPresent()) {
                throw new LabException("VM '" + options.name() + "' exists already");
              }
              int index = state.freeIndex();
              return state.withVm(
                  new LabState.VmRecord(
                      options.name(),
                      index,
                      state.network().vmInterfaces(index, options.interfaces())));
            });
    LabState.VmRecord record = changed.vm(options.name()).orElseThrow();
    String domain = DomainXml.of(changed, options, record);
    String file = "/run/lab-" + options.name() + ".xml";
    host.writeFile(file, domain);
    CommandResult created = host.virsh("create", file);
    host.exec("rm", "-f", file);
    if (!created.succeeded()) {
      LabState.change(name, state -> state.withoutVm(options.name()));
      throw new LabException(created.describe());
    }
    return new VirtualMachine(this, record.name(), record.interfaces());
  }

  /** Ends a VM of this name that an earlier run has left, if there is one. */
  public void destroyLeftOver(String vm) {
    vms().stream().filter(old -> old.name().equals(vm)).forEach(VirtualMachine::destroy);
  }

  void destroyVm(VirtualMachine vm) {
    hosts.forEach(host -> host.virsh("destroy", vm.name()));
    LabState.change(name, state -> state.withoutVm(vm.name()));
  }

  /** The words, up to and without the remote command, of an ssh session from the peer. */
  public List<String> sshCommand(VirtualMachine vm) {
    return List.of(
        "ssh",
        "-i",
        state().guest().sshKey(),
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=" + SSH_SECONDS,
        "root@" + vm.ipv4());
  }

  /** The address of a machine on the first network; index 0 is IPv4, index 1 IPv6. */
  public List<String> addresses(LabContainer machine) {
    int number = LabStart.MACHINES.indexOf(machine.name());
    LabNetwork.Segment segment = state().network().segments().get(0);
    String text =
        machine.bash("ip -4 -o addr show scope global | awk '{print $4; exit}'").orThrow().text();
    return List.of(
        text.substring(0, text.indexOf('/')), segment.ipv6(LabStart.MACHINE_NUMBER + number));
  }

  /**
   * Runs one of the project's playbooks against the hosts.
   *
   * @param playbook its file name, such as {@code site.yml} or {@code migrate.yml}
   * @param words more for ansible-playbook, such as {@code -e domain=web}
   * @return how many tasks changed something
   * @throws LabException with all it printed, if a task failed
   */
  public int playbook(String playbook, String... words) {
    return Provisioning.changes(new Provisioning(this).play(playbook, List.of(words)));
  }

  private LabState state() {
    return LabState.load(name);
  }

  /** Ends the lab: containers, networks and state; the image cache stays. */
  @Override
  public void close() {
    remove(name);
  }
}
