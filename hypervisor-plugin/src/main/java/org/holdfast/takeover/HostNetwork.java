package org.holdfast.takeover;

import java.time.Duration;
import java.util.List;

/**
 * The network of this host, as far as takeovers need it. One for the whole daemon; safe for use by
 * several threads and for several VMs at once.
 */
public interface HostNetwork extends AutoCloseable {

  /** The fence at the ports of VMs. */
  Fence fence();

  /**
   * Asks the VM and its neighbours who has the addresses the guest claims. To be called while the
   * VM runs, before the fence.
   *
   * @param interfaces with the addresses as the guest claims them
   * @param bound how long to wait for answers; about 100 ms is enough on one link
   * @return one result for each address
   */
  List<ProbedAddress> probe(List<VmInterface> interfaces, Duration bound);

  /**
   * Prepares everything that can be prepared while the VM still runs undisturbed: namespace, fenced
   * ports, rules, addresses, routes. Nothing is heard of it on the network.
   *
   * @param interfaces with addresses that are the VM's own
   * @param options how connections are to be held
   * @throws TakeoverException if this host cannot; then nothing is left behind
   */
  TakeoverNamespace prepare(List<VmInterface> interfaces, HoldOptions options);

  /**
   * The VM's own ports where it wakes. Nothing is fenced yet; the taps need not exist yet either.
   */
  GuestPorts guestPorts(List<VmInterface> interfaces);

  /** What this host's firewall remembers. */
  ConnectionTracking tracking();

  /**
   * What earlier processes kept on this host and nobody has taken up yet. To be asked once, before
   * anything is prepared.
   */
  List<KeptNamespace> kept();

  /** What earlier daemons left behind on this host. */
  Leftovers leftovers();

  /** Stops the threads. What is fenced stays fenced, what is held must be closed before. */
  @Override
  void close();
}
