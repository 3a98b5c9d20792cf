package org.holdfast.lab.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class LeftoversTest {
  private static final Map<String, String> CLEAN =
      Map.of("kvm1, links", "lo: mtu 65536\nbr0: mtu 1500", "kvm1, keepers", "0");
  private static final Map<String, String> WITH_LINK =
      Map.of("kvm1, links", "lo: mtu 65536\nbr0: mtu 1500\nhf-1: mtu 1500", "kvm1, keepers", "0");

  private final Leftovers leftovers = new Leftovers(CLEAN);

  @Test
  void hostsAsTheyWereHaveNone() {
    assertThat(leftovers.none(CLEAN)).isTrue();
    assertThat(leftovers.news(CLEAN)).isEmpty();
  }

  @Test
  void aLeftoverIsToldOnceHoweverLongItStays() {
    assertThat(leftovers.none(WITH_LINK)).isFalse();
    assertThat(leftovers.news(WITH_LINK)).containsExactly("LEFT on kvm1, links: + hf-1: mtu 1500");

    assertThat(leftovers.none(WITH_LINK)).isTrue();
    assertThat(leftovers.news(WITH_LINK)).isEmpty();
  }

  @Test
  void thatALeftoverGoesIsNoNews() {
    leftovers.news(WITH_LINK);

    assertThat(leftovers.none(CLEAN)).isTrue();
  }

  @Test
  void eachQuestionIsOne() {
    Map<String, String> now = Map.of("kvm1, links", "lo: mtu 65536", "kvm1, keepers", "1");

    assertThat(leftovers.news(now))
        .containsExactlyInAnyOrder(
            "LEFT on kvm1, links: - br0: mtu 1500", "LEFT on kvm1, keepers: + 1; - 0");
  }
}
