package org.holdfast.agent.session;

import java.time.Duration;
import java.util.Optional;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.jspecify.annotations.Nullable;

/** Owners that stand from one request to the next. */
final class Standing {
  private static final long UNTIL_THE_HOST_SAYS_MORE = Long.MAX_VALUE;

  private final Discovery discovery;
  private final Freezer freezer;
  private @Nullable Readiness ready;

  /** On the scale of System.nanoTime(). */
  private long deadline = UNTIL_THE_HOST_SAYS_MORE;

  Standing(Discovery discovery, Freezer freezer) {
    this.discovery = discovery;
    this.freezer = freezer;
  }

  /** What has been brought about, or is still to be done; the caller's from now on. */
  Readiness take() {
    Readiness taken = ready;
    ready = null;
    return taken == null ? new Readiness(discovery, freezer.begin()) : taken;
  }

  /** The same for another attempt: where some owners run, all are to be brought to a stand anew. */
  Readiness takeIfAllStand() {
    if (ready != null && !ready.running().isEmpty()) {
      thaw();
    }
    return take();
  }

  /** They stand until the host says more, or is silent for too long. */
  Readiness keep(Readiness stands) {
    ready = stands;
    deadline = UNTIL_THE_HOST_SAYS_MORE;
    return stands;
  }

  /**
   * They stand for as long as this, and then run without a word of the host's. Where some run
   * already, all do: those may be given the others' sockets.
   */
  void keep(Readiness stands, Duration bound) {
    if (bound.isZero() || !stands.running().isEmpty()) {
      stands.callOff();
    } else {
      ready = stands;
      deadline = System.nanoTime() + bound.toNanos();
      stands.closeDuplicates();
    }
  }

  /** Lets those run who have stood for long enough. */
  void watch() {
    if (deadline != UNTIL_THE_HOST_SAYS_MORE && System.nanoTime() > deadline) {
      thaw();
    }
  }

  /**
   * All run.
   *
   * @return whether anything had been brought about
   */
  boolean thaw() {
    Readiness stood = ready;
    ready = null;
    deadline = UNTIL_THE_HOST_SAYS_MORE;
    if (stood == null) {
      return false;
    }
    stood.callOff();
    return true;
  }

  /** Of which domain the connections are expected; empty if something is still to be done. */
  Optional<String> expectedDomain() {
    return ready == null ? Optional.empty() : ready.expectedDomain();
  }
}
