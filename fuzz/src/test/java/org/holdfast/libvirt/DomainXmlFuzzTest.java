package org.holdfast.libvirt;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** What libvirt may answer when asked for a domain. */
final class DomainXmlFuzzTest {

  @FuzzTest
  void everyTextIsADomainOrRefused(FuzzedDataProvider data) {
    try {
      DomainXml.parse(data.consumeRemainingAsString());
    } catch (IllegalArgumentException refused) {
      // That is how it is refused.
    }
  }
}
