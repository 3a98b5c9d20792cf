package org.holdfast.takeover;

import java.util.List;
import java.util.function.Consumer;

/**
 * A network namespace that plays a VM's interfaces while the VM is away.
 *
 * <pre>
 *   PREPARED --fence--> PARKING --open--> OPEN --shut--> PARKING --handOver--> HANDED_OVER
 * </pre>
 *
 * <p>From PARKING, {@code open()} always leads back to OPEN: a claim that broke before the target
 * opened is answered so. {@code handOver} from the first PARKING is the way back when the takeover
 * is given up. Calls out of order throw {@link TakeoverException} with OUT_OF_ORDER. Not safe for
 * use by several threads at once.
 */
public interface TakeoverNamespace extends AutoCloseable {

  /** Where it stands. */
  enum Stage {
    /** Silent; the VM's ports are open. */
    PREPARED,
    /** Silent, the VM's ports closed, frames for the VM parked. */
    PARKING,
    /** The copies speak for the VM. */
    OPEN,
    /** Silent for good; frames for the VM are the bridge's business again. */
    HANDED_OVER,
    /** Nothing of it is left. */
    CLOSED
  }

  /** Where it stands now. */
  Stage stage();

  /** Name of the namespace, as in {@code ip netns list}. */
  String name();

  /** The interfaces it plays. */
  List<VmInterface> interfaces();

  /** The copies of the VM's connections. */
  HeldConnections connections();

  /**
   * What this host's firewall remembers of the held connections; nothing of those it does not
   * track. Not quick: to be asked while the copies speak.
   *
   * @throws TakeoverException TRACKING_FAILED if the kernel does not tell
   */
  List<TrackedConnection> tracked();

  /**
   * Closes the VM's ports and parks what peers send to it from now on. First the VM is muted, then
   * the bridge's forwarding entry moved, then the VM made deaf: no frame is lost on the way.
   */
  void fence();

  /**
   * Lets the namespace speak and hear. Only the connections recreated until now are heard; what
   * else comes for the VM alone is kept for it within bounds, never answered. Parked frames wait
   * for {@link #replayParked()}.
   */
  void open();

  /**
   * From now on what is held outlives this process: {@link HostNetwork#kept} finds it again. To be
   * called after {@link HeldConnections#release()} and before {@link #replayParked()}: until then
   * nothing was acknowledged, and nothing would be lost.
   *
   * @param note to be remembered with it; stays in memory, and may be secret
   */
  void keep(byte[] note);

  /**
   * Sends the parked frames to the namespace, in order, until none waits; from then on new ones
   * come directly. To be called after {@link HeldConnections#release()}.
   */
  FrameCount replayParked();

  /**
   * Tells switches and neighbours where the VM's addresses are: at once and after 50, 200 and 1000
   * ms, without waiting for it. Stops by itself when the namespace is shut.
   */
  void announce();

  /** Makes the namespace silent and deaf; parks what peers send to it from now on. */
  void shut();

  /**
   * Passes on the frames kept and parked so far, in order, and goes on parking. To be called when
   * the VM's sockets are conformed and its port still fenced: what the VM hears through {@link
   * GuestPorts#inject} before its port opens cannot be overtaken by what comes through the port.
   * None after all was handed over.
   */
  FrameCount passOnParked(Consumer<ParkedFrame> receiver);

  /**
   * The VM's own port is open, here or elsewhere: passes the parked frames to {@code receiver} in
   * order, gives the bridge's forwarding entry back, and passes on what came meanwhile. Frames that
   * carry the VM's own source address never come along.
   *
   * <p>Where the VM's port of this host is still closed the VM is elsewhere, and the network may
   * not know yet: then frames go on being parked, for {@link #passOnParked}, until {@link #close}.
   *
   * @param receiver where the VM is on this host, {@link GuestPorts#inject}; else the way to the
   *     target
   */
  FrameCount handOver(Consumer<ParkedFrame> receiver);

  /**
   * Drops the copies silently and removes namespace, ports, rules and forwarding entries; opens the
   * VM's ports of this host if they are still fenced. To be called when the VM speaks for itself
   * again, or is gone. Can be called at any stage and again.
   */
  @Override
  void close();
}
