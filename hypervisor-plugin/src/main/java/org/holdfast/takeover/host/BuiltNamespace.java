package org.holdfast.takeover.host;

import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.Nftables;

/**
 * What {@link NamespaceBuilder} has built.
 *
 * @param inside a thread of the namespace
 * @param nftables to be used on that thread
 * @param keeper of what comes while the VM is held and belongs to no held connection
 * @param kept what a process that comes after this one will find
 * @param demolition takes all of it down
 */
record BuiltNamespace(
    OwnNames names,
    NamespaceThread inside,
    Nftables nftables,
    List<PlayedInterface> interfaces,
    FrameKeeper keeper,
    NamespaceKeeper kept,
    Demolition demolition) {

  String name() {
    return names.namespace();
  }
}
