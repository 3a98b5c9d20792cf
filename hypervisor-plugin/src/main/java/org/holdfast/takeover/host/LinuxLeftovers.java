package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.linux.KeeperProcess;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.Leftovers;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;

/** Finds what is ours by its name. */
final class LinuxLeftovers implements Leftovers {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final String TABLE = "table bridge " + NftablesFence.TABLE;

  private final HostContext host;
  private final FilterCopies copies;

  LinuxLeftovers(HostContext host) {
    this.host = host;
    this.copies = new FilterCopies(host, name -> OwnNames.isLink(name) && !isAlive(name));
  }

  @Override
  public List<String> find() {
    List<String> found = new ArrayList<>();
    keepers().forEach(keeper -> found.add("keeper " + keeper));
    namespaces().forEach(name -> found.add("namespace " + name));
    links().forEach(name -> found.add("link " + name));
    copies.find().forEach(place -> found.add("copy in " + place));
    if (!host.fence().inherited().isEmpty()) {
      found.add(TABLE);
    }
    return found;
  }

  /**
   * Ports are down before what could still speak ends, and before the rules that filter them are
   * taken away; they go before the fence that keeps them silent. Sockets that a keeper has open
   * must be closed first: the kernel waits for them with the port of their namespace.
   */
  @Override
  public void remove() {
    List<String> links = links();
    forEach(links, "link set %s down");
    List<NetworkNamespace> namespaces = namespaces().stream().map(NetworkNamespace::open).toList();
    host.commands()
        .call(
            () -> {
              KeeperProcess.find().stream()
                  .filter(keeper -> !isAlive(keeper.name()))
                  .forEach(KeeperProcess::close);
              // A rehearsal's lives in a network of its own.
              KeeperProcess.endThoseIn(namespaces);
              return true;
            });
    copies.remove();
    forEach(links, "link delete %s");
    namespaces.forEach(NetworkNamespace::delete);
    host.fence().open(host.fence().inherited());
  }

  private void forEach(List<String> links, String command) {
    if (!links.isEmpty()) {
      IpBatch batch = new IpBatch();
      links.forEach(name -> batch.add(command, name));
      host.commands().call(batch::runAll);
    }
  }

  private boolean isAlive(String name) {
    return host.alive().contains(OwnNames.idIn(name));
  }

  private List<String> keepers() {
    List<String> names = new ArrayList<>();
    for (KeeperProcess keeper : host.commands().call(KeeperProcess::find)) {
      keeper.queue().close();
      names.add(keeper.name());
    }
    names.removeIf(this::isAlive);
    return names;
  }

  private List<String> links() {
    return host.links().stream()
        .map(Link::name)
        .filter(name -> OwnNames.isLink(name) && !isAlive(name))
        .toList();
  }

  private List<String> namespaces() {
    if (!Files.isDirectory(NAMESPACES)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(NAMESPACES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> OwnNames.isNamespace(name) && !isAlive(name))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new TakeoverException(Code.NAMESPACE_FAILED, "cannot list " + NAMESPACES, e);
    }
  }
}
