package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MacAddressTest {
  @Test
  void textAndOctetsAreTheSameAddress() {
    MacAddress mac = MacAddress.of("52:54:00:AB:cd:Ef");
    assertThat(mac).hasToString("52:54:00:ab:cd:ef");
    assertThat(MacAddress.of(mac.octets())).isEqualTo(mac);
    assertThat(mac.isGroup()).isFalse();
    assertThat(MacAddress.of("ff:ff:ff:ff:ff:ff").isGroup()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "52:54:00:ab:cd", "52:54:00:ab:cd:ef:00", "5254:00:ab:cd:ef:0"})
  void otherTextIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> MacAddress.of(text));
  }
}
