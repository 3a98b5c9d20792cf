package org.holdfast.takeover.host;

import java.net.UnknownHostException;
import java.util.List;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.NftablesException;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.KeptNamespace;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;

/** Finds again what {@link NamespaceBuilder} of another process has built. */
final class LinuxKeptNamespace implements KeptNamespace {
  private final HostContext host;
  private final NamespaceKeeper.Found found;
  private final OwnNames names;

  LinuxKeptNamespace(HostContext host, NamespaceKeeper.Found found) {
    this.host = host;
    this.found = found;
    this.names = new OwnNames(found.what().getId());
  }

  @Override
  public String name() {
    return names.namespace();
  }

  @Override
  public byte[] note() {
    return found.what().getNote().toByteArray();
  }

  @Override
  public TakeoverNamespace takeUp(HoldOptions options) {
    HoldOptions bounded = options.spoolingAtMost(found.what().getMostSpooledBytes());
    try {
      return LinuxTakeoverNamespace.goOn(host, findAgain(bounded), bounded, found);
    } catch (KernelException | NftablesException | UnknownHostException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, name() + " cannot be taken up: " + e.getMessage(), e);
    }
  }

  private BuiltNamespace findAgain(HoldOptions options) throws UnknownHostException {
    List<VmInterface> interfaces = KeptRecord.interfaces(found.what());
    List<String> ports = names.ports(interfaces.size());
    Demolition demolition = new Demolition(host, names, ports);
    demolition.alsoEnd(found.keeper());
    demolition.alsoRemove(new FilterCopies(host, ports::contains));
    NamespaceThread inside = NetworkNamespace.open(name()).startThread(name());
    demolition.alsoEnd(inside);
    Nftables nftables = inside.call(Nftables::new);
    demolition.alsoClose(nftables);
    FrameKeeper keeper = FrameKeeper.goOn(inside, nftables, interfaces, options);
    demolition.alsoClose(keeper);
    List<PlayedInterface> played =
        PlayedInterface.all(host, demolition, names, interfaces, options.parkedBytes());
    for (int i = 0; i < played.size(); i++) {
      played.get(i).rememberForwarding(KeptRecord.forwardingBefore(found.what().getInterfaces(i)));
    }
    return new BuiltNamespace(names, inside, nftables, played, keeper, found.keeper(), demolition);
  }
}
