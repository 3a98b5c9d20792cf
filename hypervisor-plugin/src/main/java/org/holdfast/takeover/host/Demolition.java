package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Nftables;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a takeover namespace down, however far its building had come. */
final class Demolition {
  private static final Logger LOG = LoggerFactory.getLogger(Demolition.class);

  private final HostContext host;
  private final String namespace;
  private final String id;
  private final List<String> ports;
  private @Nullable NamespaceThread inside;
  private @Nullable Nftables nftables;
  private @Nullable NetlinkSocket netlink;
  private @Nullable FrameKeeper keeper;
  private @Nullable NamespaceKeeper kept;
  private @Nullable FilterCopies filters;

  Demolition(HostContext host, OwnNames names, List<String> ports) {
    this.host = host;
    this.id = names.id();
    this.namespace = names.namespace();
    host.alive().add(id);
    this.ports = List.copyOf(ports);
  }

  void alsoEnd(NamespaceKeeper process) {
    this.kept = process;
  }

  void alsoEnd(NamespaceThread thread) {
    this.inside = thread;
  }

  void alsoClose(FrameKeeper frames) {
    this.keeper = frames;
  }

  void alsoClose(NetlinkSocket socket) {
    this.netlink = socket;
  }

  void alsoClose(Nftables rules) {
    this.nftables = rules;
  }

  void alsoRemove(FilterCopies copies) {
    this.filters = copies;
  }

  /**
   * What is kept goes before the ports: a port whose sockets are still open somewhere may wait for
   * ever for the kernel to let it go. They are in repair, and close without a word. Rules go before
   * the ports they name: some know a device by its number only. The fence around the ports is
   * lifted last.
   */
  void run() {
    if (netlink != null) {
      netlink.close();
    }
    if (keeper != null) {
      keeper.close();
    }
    if (kept != null) {
      kept.close();
    }
    if (filters != null) {
      filters.remove();
    }
    deletePorts();
    if (inside != null) {
      Nftables rules = nftables;
      if (rules != null) {
        inside.call(
            () -> {
              rules.close();
              return true;
            });
      }
      inside.close();
    }
    if (NetworkNamespace.exists(namespace)) {
      NetworkNamespace.open(namespace).delete();
    }
    host.fence().open(ports);
    host.alive().remove(id);
  }

  private void deletePorts() {
    List<String> existing = new ArrayList<>();
    for (Link link : host.links()) {
      if (ports.contains(link.name())) {
        existing.add(link.name());
      }
    }
    if (!existing.isEmpty()) {
      IpBatch batch = new IpBatch();
      existing.forEach(port -> batch.add("link delete %s", port));
      String complaints = host.commands().call(batch::runAll);
      if (!complaints.isEmpty()) {
        LOG.warn("{}: not all of its ports could be removed: {}", namespace, complaints);
      }
    }
  }
}
