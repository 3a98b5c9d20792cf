package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class NurseryTest {
  /** Otherwise the collector would stop the agent while peers wait. */
  @Test
  void whatWasAllocatedBeforeABlackoutIsCollectedBeforeIt() {
    long before = collections();

    new Nursery().empty();

    assertThat(collections()).isGreaterThan(before);
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }
}
