package org.holdfast.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a lab consists of, written to its state directory so that any process finds it again.
 *
 * @param name of the lab
 * @param accelerator libvirt's domain type: {@code kvm} or {@code qemu}
 * @param network its segments
 * @param containers container ids by machine name
 * @param guest the guest image it boots
 * @param vms the VMs started so far
 */
record LabState(
    String name,
    String accelerator,
    LabNetwork network,
    Map<String, String> containers,
    GuestImage guest,
    List<VmRecord> vms) {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
  private static final String FILE = "lab.json";

  LabState {
    containers = Map.copyOf(containers);
    vms = List.copyOf(vms);
  }

  /**
   * A VM that was started.
   *
   * @param name of the domain
   * @param index its number in the lab, from 1
   * @param interfaces its addresses
   */
  record VmRecord(String name, int index, List<VmInterface> interfaces) {
    VmRecord {
      interfaces = List.copyOf(interfaces);
    }
  }

  /** The same with VMs that run on /dev/kvm. */
  LabState withHardwareVirtualization() {
    return new LabState(name, "kvm", network, containers, guest, vms);
  }

  /** The same with one more VM. */
  LabState withVm(VmRecord vm) {
    List<VmRecord> more = new ArrayList<>(vms);
    more.add(vm);
    return new LabState(name, accelerator, network, containers, guest, more);
  }

  /** The same without that VM. */
  LabState withoutVm(String vm) {
    List<VmRecord> fewer = vms.stream().filter(record -> !record.name().equals(vm)).toList();
    return new LabState(name, accelerator, network, containers, guest, fewer);
  }

  Optional<VmRecord> vm(String vm) {
    return vms.stream().filter(record -> record.name().equals(vm)).findFirst();
  }

  /** The lowest number no VM has. */
  int freeIndex() {
    int index = 1;
    while (hasIndex(index)) {
      index++;
    }
    return index;
  }

  private boolean hasIndex(int index) {
    return vms.stream().anyMatch(record -> record.index() == index);
  }

  /** Where all labs of this user keep their state. */
  static Path root() {
    String base = System.getenv("XDG_STATE_HOME");
    return base == null || base.isBlank()
        ? Path.of(System.getProperty("user.home"), ".local", "state", "holdfast-lab")
        : Path.of(base, "holdfast-lab");
  }

  /** Where the lab of that name keeps its state. */
  static Path directory(String name) {
    return root().resolve(name);
  }

  /** The names of the labs that are up. */
  static List<String> names() {
    if (!Files.isDirectory(root())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root())) {
      return entries
          .filter(entry -> Files.exists(entry.resolve(FILE)))
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LabException("cannot list the labs in " + root(), e);
    }
  }

  /**
   * Reads the state of a lab.
   *
   * @throws LabException if no such lab is up
   */
  static LabState load(String name) {
    Path file = directory(name).resolve(FILE);
    if (!Files.exists(file)) {
      throw new LabException(
          "no lab '" + name + "' is up; start one with ./lab.sh up --name " + name);
    }
    try {
      return GSON.fromJson(Files.readString(file), LabState.class);
    } catch (IOException | JsonParseException e) {
      throw new LabException("cannot read " + file + "; remove the lab with ./lab.sh down", e);
    }
  }

  /** Writes the state; a reader sees the old or the new, never half of it. */
  void save() {
    Path directory = directory(name);
    try {
      Files.createDirectories(directory);
      Path draft = directory.resolve(FILE + ".new");
      Files.writeString(draft, GSON.toJson(this));
      Files.move(draft, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new LabException("cannot write the lab's state to " + directory, e);
    }
  }

  /** Changes the state of a lab that is up; processes that do so wait for each other. */
  static LabState change(String name, UnaryOperator<LabState> change) {
    Path lock = directory(name).resolve("lock");
    try (FileChannel file =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Held until the channel is closed.
      file.lock();
      LabState changed = change.apply(load(name));
      changed.save();
      return changed;
    } catch (IOException e) {
      throw new LabException("cannot lock the state of lab '" + name + "'", e);
    }
  }

  /** Removes all that a lab keeps in its state directory. */
  static void remove(String name) {
    Path directory = directory(name);
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(directory)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
      try (Stream<Path> others = Files.list(root())) {
        if (others.findAny().isEmpty()) {
          Files.delete(root());
        }
      }
    } catch (IOException e) {
      throw new LabException("cannot remove " + directory, e);
    }
  }
}
