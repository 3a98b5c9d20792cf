package org.holdfast.lab;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The steps in which a lab comes up, in their order. */
final class LabStart {
  /** All containers; their order gives the last part of their IPv6 addresses. */
  static final List<String> MACHINES = List.of("kvm1", "kvm2", "peer");

  /** Interface number of the first machine's IPv6 address. */
  static final int MACHINE_NUMBER = 0x11;

  private LabStart() {}

  /** Starts the lab; what was made before a failure is left for the caller to remove. */
  static Lab start(LabOptions options, ImageBuilder images) {
    ContainerFactory factory = new ContainerFactory(options.name());
    // What a lab of this name that died half-made has left would be in the way.
    factory.removeAll();
    options.progress().accept("lab " + options.name() + ": starting kvm1, kvm2 and the peer");
    LabNetwork network = factory.createNetworks();
    GuestImage guest = images.guest();
    Map<String, String> containers = startContainers(factory, images.hostImage(), network, guest);
    LabState state = new LabState(options.name(), "qemu", network, containers, guest, List.of());
    state.save();
    Lab lab = Lab.attach(options.name());
    connect(lab, network);
    CompletableFuture<Boolean> hardware =
        CompletableFuture.supplyAsync(
            () -> HardwareVirtualization.isUsable(lab.host("kvm1"), guest));
    options.progress().accept("lab " + options.name() + ": ansible makes KVM hosts of them");
    Provisioning provisioning = new Provisioning(lab);
    provisioning.writeInventory(options.provision());
    provisioning.play("site.yml", List.of());
    if (hardware.join()) {
      options.progress().accept("lab " + options.name() + ": hardware virtualization works here");
      LabState.change(options.name(), LabState::withHardwareVirtualization);
    }
    return lab;
  }

  private static Map<String, String> startContainers(
      ContainerFactory factory, String image, LabNetwork network, GuestImage guest) {
    String cache = guest.cache().toString();
    Map<String, Path> binds = Map.of(cache, guest.cache());
    Map<String, CompletableFuture<String>> starting = new LinkedHashMap<>();
    for (String machine : MACHINES) {
      starting.put(
          machine,
          CompletableFuture.supplyAsync(() -> factory.start(machine, image, network, binds)));
    }
    Map<String, String> containers = new LinkedHashMap<>();
    try {
      starting.forEach((machine, id) -> containers.put(machine, id.join()));
    } catch (CompletionException e) {
      // The others must not go on appearing while the caller removes what is there.
      starting.values().forEach(id -> id.exceptionally(error -> "").join());
      throw new LabException("docker could not start the lab's machines", e.getCause());
    }
    return containers;
  }

  private static void connect(Lab lab, LabNetwork network) {
    StringBuilder names = new StringBuilder();
    for (LabContainer machine : lab.machines()) {
      MachineNetwork.configure(machine, network, MACHINE_NUMBER + number(machine));
      for (String address : lab.addresses(machine)) {
        names.append(address).append(' ').append(machine.name()).append('\n');
      }
    }
    for (LabContainer machine : lab.machines()) {
      MachineNetwork.addNames(machine, names.toString());
    }
  }

  private static int number(LabContainer machine) {
    return MACHINES.indexOf(machine.name());
  }
}
