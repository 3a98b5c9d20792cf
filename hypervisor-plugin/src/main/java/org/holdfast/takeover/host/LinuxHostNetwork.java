package org.holdfast.takeover.host;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.KeeperProcess;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.ConnectionTracking;
import org.holdfast.takeover.Fence;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.HostNetwork;
import org.holdfast.takeover.KeptNamespace;
import org.holdfast.takeover.Leftovers;
import org.holdfast.takeover.ProbedAddress;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network of a Linux host, in one network namespace of it. */
public final class LinuxHostNetwork implements HostNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxHostNetwork.class);

  private final HostContext host;

  private LinuxHostNetwork(HostContext host) {
    this.host = host;
  }

  /** The network this process lives in. */
  public static LinuxHostNetwork ofThisProcess() {
    return in(NetworkNamespace.ofProcess(ProcessHandle.current().pid()));
  }

  /** The network of a namespace. */
  public static LinuxHostNetwork in(NetworkNamespace namespace) {
    return new LinuxHostNetwork(HostContext.in(namespace));
  }

  @Override
  public Fence fence() {
    return host.fence();
  }

  @Override
  public List<ProbedAddress> probe(List<VmInterface> interfaces, Duration bound) {
    return new LinkProbe(host, interfaces).run(bound);
  }

  @Override
  public TakeoverNamespace prepare(List<VmInterface> interfaces, HoldOptions options) {
    BuiltNamespace built = new NamespaceBuilder(host, interfaces, options).build();
    LinuxTakeoverNamespace namespace = new LinuxTakeoverNamespace(host, built, options);
    try {
      namespace.rehearse();
      return namespace;
    } catch (RuntimeException | Error e) {
      namespace.close();
      throw e;
    }
  }

  @Override
  public GuestPorts guestPorts(List<VmInterface> interfaces) {
    return new LinuxGuestPorts(host, interfaces);
  }

  @Override
  public ConnectionTracking tracking() {
    return host.tracking();
  }

  @Override
  public List<KeptNamespace> kept() {
    List<KeptNamespace> kept = new ArrayList<>();
    for (KeeperProcess process : host.commands().call(KeeperProcess::find)) {
      try {
        kept.add(new LinuxKeptNamespace(host, NamespaceKeeper.find(process)));
      } catch (IOException e) {
        LOG.warn("{} cannot be taken up: {}", process.name(), e.getMessage());
        process.queue().close();
      }
    }
    return kept;
  }

  @Override
  public Leftovers leftovers() {
    return new LinuxLeftovers(host);
  }

  @Override
  public void close() {
    host.close();
  }
}
