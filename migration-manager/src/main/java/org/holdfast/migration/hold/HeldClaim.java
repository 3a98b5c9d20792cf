package org.holdfast.migration.hold;

/** A claim as its holder sees it, who may lose sight of the claimant. */
public interface HeldClaim extends Claim {

  /**
   * The claimant is not heard any more. One that knows what it needs may have opened the VM's port
   * already, or be about to: then the copies stay silent until somebody claims again or says how it
   * ended. One that does not cannot have: then they answer again.
   */
  void lost();
}
