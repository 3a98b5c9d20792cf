package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bridges that a VM cannot be taken over at, or cannot arrive at, are found before it is touched.
 */
class HostBridgesTest {
  @TempDir private Path networkClass;

  private Optional<ErrorCode> objection(String bridge) {
    try {
      new HostBridges(networkClass).require("kvm1", bridge, "web1");
      return Optional.empty();
    } catch (HoldfastException objection) {
      return Optional.of(objection.code());
    }
  }

  private void bridge(String vlanFiltering) throws IOException {
    Path bridge = Files.createDirectories(networkClass.resolve("br0").resolve("bridge"));
    if (!vlanFiltering.isEmpty()) {
      Files.writeString(bridge.resolve("vlan_filtering"), vlanFiltering + "\n");
    }
  }

  /** A kernel that cannot filter at all has no such setting. */
  @ParameterizedTest
  @ValueSource(strings = {"0", ""})
  void aPlainBridgeWillDo(String vlanFiltering) throws IOException {
    bridge(vlanFiltering);

    assertThat(objection("br0")).isEmpty();
  }

  @Test
  void oneThatFiltersVlansIsRefused() throws IOException {
    bridge("1");

    assertThat(objection("br0")).contains(ErrorCode.UNSUPPORTED_NETWORK_TYPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br1", "", "../br0", "."})
  void whatIsNoBridgeIsMissing(String name) throws IOException {
    bridge("0");

    assertThat(objection(name)).contains(ErrorCode.BRIDGE_MISSING_ON_TARGET);
  }
}
