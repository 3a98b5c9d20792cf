package org.holdfast.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.Scheduling;
import org.holdfast.proto.agent.v1.HostMessage;

/**
 * Whether peers or applications wait for the agent, or will when the VM wakes: from the first ready
 * to the end of release. Then it runs before everything else in the guest; while its connections
 * are held it waits for a word, and takes nobody's time. Where the kernel does not allow that, it
 * goes without. For the agent's one thread.
 */
final class Urgency {
  private static final Logger LOGGER = System.getLogger(Urgency.class.getName());

  private boolean urgent;
  private boolean refused;

  /** Called before a message is answered. */
  void before(HostMessage message) {
    switch (message.getBodyCase()) {
      case READY, EXPORT, CONFORM_COMMIT, RELEASE -> change(true);
      default -> {}
    }
  }

  /** Called when a message is answered. */
  void after(HostMessage message) {
    switch (message.getBodyCase()) {
      case RELEASE, FORGET -> change(false);
      default -> {}
    }
  }

  /** The host is gone, and nothing is held that another would come for. */
  void end() {
    change(false);
  }

  private void change(boolean to) {
    if (urgent == to || refused) {
      return;
    }
    try {
      if (to) {
        Scheduling.realTime();
      } else {
        Scheduling.ordinary();
      }
      urgent = to;
    } catch (KernelException e) {
      refused = true;
      LOGGER.log(Level.DEBUG, "the agent runs like any other: " + e.getMessage());
    }
  }
}
