package org.holdfast.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Who may speak for a host: TLS has let in whoever its certificate names, and reads names its way.
 */
class CallerTest {
  @ParameterizedTest
  @CsvSource({
    "kvm2, kvm2, true",
    "kvm2, KVM2, true",
    "kvm2, kvm20, false",
    "kvm2, kvm2.example.org, false",
    "*.example.org, kvm2.example.org, true",
    "*.example.org, rack1.kvm2.example.org, false",
    "*.example.org, example.org, false",
    "fd00:0:0:0:0:0:0:2, fd00::2, true",
    "10.0.0.2, 10.0.0.2, true",
    "10.0.0.2, 10.0.0.20, false",
  })
  void aCertificateNamesItsHostAsTlsReadsIt(String own, String called, boolean named) {
    assertThat(new Caller.Certified(Set.of("other", own)).isNamed(called)).isEqualTo(named);
  }
}
