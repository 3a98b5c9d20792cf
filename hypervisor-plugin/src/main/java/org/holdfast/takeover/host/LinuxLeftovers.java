package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.Leftovers;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;

/** Finds what is ours by its name. */
final class LinuxLeftovers implements Leftovers {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final String TABLE = "table bridge " + NftablesFence.TABLE;

  private final HostContext host;

  LinuxLeftovers(HostContext host) {
    this.host = host;
  }

  @Override
  public List<String> find() {
    List<String> found = new ArrayList<>();
    namespaces().forEach(name -> found.add("namespace " + name));
    links().forEach(name -> found.add("link " + name));
    if (tableExists()) {
      found.add(TABLE);
    }
    return found;
  }

  /** Ports go before the fence that keeps them silent. */
  @Override
  public void remove() {
    List<String> links = links();
    if (!links.isEmpty()) {
      IpBatch batch = new IpBatch();
      links.forEach(name -> batch.add("link delete %s", name));
      host.commands().call(batch::runAll);
    }
    namespaces().forEach(name -> NetworkNamespace.open(name).delete());
    if (tableExists()) {
      host.fence().forget();
    }
  }

  private List<String> links() {
    return host.links().stream().map(Link::name).filter(OwnNames::isLink).toList();
  }

  private boolean tableExists() {
    return host.thread().call(() -> host.nftables().run("list tables bridge").contains(TABLE));
  }

  private static List<String> namespaces() {
    if (!Files.isDirectory(NAMESPACES)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(NAMESPACES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(OwnNames::isNamespace)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new TakeoverException(Code.NAMESPACE_FAILED, "cannot list " + NAMESPACES, e);
    }
  }
}
