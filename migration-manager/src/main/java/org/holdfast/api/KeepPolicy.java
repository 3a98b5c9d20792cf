package org.holdfast.api;

import org.holdfast.proto.v1.ConnectionPolicy;

/** What is to become of a domain's connections. */
public enum KeepPolicy {
  /** Refuse to move the domain if a connection of it cannot be kept. */
  REQUIRE,
  /** Keep what can be kept, leave the rest to TCP, say so in the ledger. */
  BEST_EFFORT,
  /** Leave all connections to TCP, as libvirt alone would. */
  OFF;

  /**
   * @throws HoldfastException {@link ErrorCode#INVALID_ARGUMENT} if the value is one this version
   *     does not know
   */
  static KeepPolicy of(ConnectionPolicy policy) {
    return switch (policy) {
      case CONNECTION_POLICY_UNSPECIFIED, CONNECTION_POLICY_BEST_EFFORT -> BEST_EFFORT;
      case CONNECTION_POLICY_REQUIRE -> REQUIRE;
      case CONNECTION_POLICY_OFF -> OFF;
      case UNRECOGNIZED ->
          throw new HoldfastException(
              ErrorCode.INVALID_ARGUMENT,
              "The connection policy is a value this daemon does not know.",
              "Use REQUIRE, BEST_EFFORT or OFF, or upgrade the daemon.");
    };
  }
}
