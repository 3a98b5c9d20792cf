package org.holdfast.lab;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;

/**
 * What the docker command calls {@code --security-opt systempaths=unconfined}: /proc/sys and /sys
 * stay writable in the container, for namespaces and bridges. The daemon knows no such option; it
 * wants two empty lists, which docker's Java client has no names for.
 */
final class UnmaskedHostConfig extends HostConfig {
  private static final long serialVersionUID = 1L;

  @JsonProperty("MaskedPaths")
  @SuppressWarnings("unused")
  private final List<String> maskedPaths = List.of();

  @JsonProperty("ReadonlyPaths")
  @SuppressWarnings("unused")
  private final List<String> readonlyPaths = List.of();
}
