package org.holdfast.lab;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Makes and removes the lab's docker networks and containers. Everything carries the lab's label
 * and is removed by it, so that what a crashed process left is found too.
 */
final class ContainerFactory {
  /** Label of all that belongs to a lab; its value is the lab's name. */
  static final String LABEL = "org.holdfast.lab";

  private static final String MACHINE_LABEL = "org.holdfast.lab.machine";
  private static final Path KVM_DEVICE = Path.of("/dev/kvm");

  /**
   * What QEMU, libvirt, network namespaces and TCP_REPAIR need; no more, and never --privileged.
   */
  private static final Capability[] CAPABILITIES = {
    Capability.SYS_ADMIN,
    Capability.NET_ADMIN,
    Capability.NET_RAW,
    Capability.SYS_PTRACE,
    Capability.IPC_LOCK,
    Capability.SYS_NICE
  };

  private final String lab;
  private final DockerClient docker = DockerClientFactory.lazyClient();

  ContainerFactory(String lab) {
    this.lab = lab;
  }

  /** Makes the lab's segments; docker chooses subnets no other network has. */
  LabNetwork createNetworks() {
    List<LabNetwork.Segment> segments = new ArrayList<>();
    for (int index = 0; index < LabNetwork.SEGMENTS; index++) {
      String name = "holdfast-" + lab + "-" + index;
      String id =
          docker
              .createNetworkCmd()
              .withName(name)
              .withDriver("bridge")
              .withCheckDuplicate(true)
              .withLabels(Map.of(LABEL, lab))
              .exec()
              .getId();
      String subnet = subnet(docker.inspectNetworkCmd().withNetworkId(id).exec());
      segments.add(new LabNetwork.Segment(name, id, subnet, LabNetwork.uniqueLocalPrefix(id)));
    }
    return new LabNetwork(segments);
  }

  private static String subnet(Network network) {
    for (Network.Ipam.Config config : network.getIpam().getConfig()) {
      String subnet = config.getSubnet();
      if (subnet != null && !subnet.contains(":")) {
        return subnet;
      }
    }
    throw new LabException("docker gave network " + network.getName() + " no IPv4 subnet");
  }

  /**
   * Starts a container on all segments.
   *
   * @param machine its name in the lab
   * @param image the KVM-host image
   * @param network the lab's segments
   * @param binds directories of this machine it sees read-only, by the path at which it sees them
   * @return its id
   */
  String start(String machine, String image, LabNetwork network, Map<String, Path> binds) {
    // Reuse is what Testcontainers calls a container that outlives its JVM: a lab that is up must.
    // The lab removes its containers itself, in Lab.close().
    @SuppressWarnings("resource")
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withImagePullPolicy(name -> false)
            .withReuse(true)
            .withLabels(Map.of(LABEL, lab, MACHINE_LABEL, machine))
            .withCommand("sleep", "infinity")
            .withCreateContainerCmdModifier(command -> configure(command, machine, network, binds));
    container.start();
    for (LabNetwork.Segment further : network.segments().subList(1, network.segments().size())) {
      docker
          .connectToNetworkCmd()
          .withContainerId(container.getContainerId())
          .withNetworkId(further.id())
          .exec();
    }
    return container.getContainerId();
  }

  private void configure(
      CreateContainerCmd command, String machine, LabNetwork network, Map<String, Path> binds) {
    HostConfig host = new UnmaskedHostConfig();
    host.withNetworkMode(network.segments().get(0).id());
    // A reaper as first process: libvirt waits 40 s for a QEMU that stays a zombie.
    host.withInit(true);
    host.withCapAdd(CAPABILITIES);
    host.withSecurityOpts(List.of("seccomp=unconfined"));
    List<Device> devices = new ArrayList<>();
    devices.add(new Device("rwm", "/dev/net/tun", "/dev/net/tun"));
    if (Files.exists(KVM_DEVICE)) {
      devices.add(new Device("rwm", KVM_DEVICE.toString(), KVM_DEVICE.toString()));
    }
    host.withDevices(devices);
    List<Bind> bound = new ArrayList<>();
    binds.forEach(
        (inside, outside) ->
            bound.add(new Bind(outside.toString(), new Volume(inside), AccessMode.ro)));
    host.withBinds(bound);
    command.withName("holdfast-" + lab + "-" + machine).withHostName(machine).withHostConfig(host);
  }

  /** Removes every container and network of the lab; those of other labs stay. */
  void removeAll() {
    Set<String> labels = Set.of(LABEL + "=" + lab);
    for (Container container :
        docker.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec()) {
      unlessGone(
          docker.removeContainerCmd(container.getId()).withForce(true).withRemoveVolumes(true)
              ::exec);
    }
    for (Network network : docker.listNetworksCmd().withFilter("label", labels).exec()) {
      unlessGone(docker.removeNetworkCmd(network.getId())::exec);
    }
  }

  /** Someone else may have removed it meanwhile, which is what was wanted. */
  private static void unlessGone(Runnable removal) {
    try {
      removal.run();
    } catch (NotFoundException e) {
      return;
    }
  }
}
