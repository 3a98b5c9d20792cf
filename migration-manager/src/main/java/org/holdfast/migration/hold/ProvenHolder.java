package org.holdfast.migration.hold;

import org.holdfast.wire.ClaimProof;

/** This host as a holder, for a claimant that proves its ticket and does not show it. */
@FunctionalInterface
public interface ProvenHolder {

  /**
   * Claims what is held for a VM.
   *
   * @throws org.holdfast.api.HoldfastException as {@link Holder#claim}
   */
  HeldClaim claim(ClaimProof proof);
}
