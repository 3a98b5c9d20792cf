package org.holdfast.takeover;

import java.net.InetSocketAddress;
import org.holdfast.tcp.TcpState;

/**
 * What this host's firewall remembers of the connections of VMs (nf_conntrack): where it drops what
 * it did not see begin, a connection that comes from another host lives only if the memory comes
 * along. Safe for use by several threads.
 */
public interface ConnectionTracking {

  /**
   * Makes this host's firewall know a connection that another host's knew. Does nothing where none
   * are tracked. To be called before anything of the connection passes here.
   *
   * @param vm the VM's end
   * @param peer the other end
   * @param state of the VM's socket
   * @param tracked what the other host remembered
   * @throws TakeoverException TRACKING_FAILED if it is of another connection, or the kernel refuses
   */
  void adopt(
      InetSocketAddress vm, InetSocketAddress peer, TcpState state, TrackedConnection tracked);
}
