package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonAddressTest {
  @Test
  void aPathIsLocal() {
    DaemonAddress local = new DaemonAddress.Local(Path.of("/run/h.sock"));

    assertThat(DaemonAddress.parse("unix:/run/h.sock")).isEqualTo(local);
    assertThat(DaemonAddress.parse("/run/h.sock")).isEqualTo(local);
    assertThat(local).hasToString("unix:/run/h.sock");
  }

  @ParameterizedTest
  @CsvSource({
    "kvm2, kvm2, 16550",
    "kvm2:1234, kvm2, 1234",
    "192.0.2.1, 192.0.2.1, 16550",
    "[2001:db8::1]:1234, 2001:db8::1, 1234",
    "2001:db8::1, 2001:db8::1, 16550",
  })
  void aNameIsRemote(String text, String host, int port) {
    assertThat(DaemonAddress.parse(text)).isEqualTo(new DaemonAddress.Remote(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "unix:run/h.sock", "kvm2:port", "kvm2:99999", "qemu+tcp://kvm2/system"})
  void anythingElseIsRefusedInWords(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DaemonAddress.parse(text))
        .withMessageContaining("host:port");
  }
}
