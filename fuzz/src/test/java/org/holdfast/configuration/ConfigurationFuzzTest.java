package org.holdfast.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** What may stand in holdfastd.yaml. */
final class ConfigurationFuzzTest {

  @FuzzTest
  void everyTextIsAConfigurationOrRefusedByName(FuzzedDataProvider data) {
    String yaml = data.consumeRemainingAsString();
    try {
      ConfigurationReader.parse("holdfastd.yaml", yaml);
    } catch (ConfigurationException refused) {
      assertThat(refused.getMessage()).contains("holdfastd.yaml");
    }
  }
}
