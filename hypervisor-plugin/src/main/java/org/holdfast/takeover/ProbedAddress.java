package org.holdfast.takeover;

import org.holdfast.wire.MacAddress;

/**
 * What the link says about an address that a guest claims.
 *
 * @param interfaceMac of the VM's interface that is to have the address
 */
public record ProbedAddress(MacAddress interfaceMac, InterfaceAddress address, Finding finding) {

  /** Who answered. */
  public enum Finding {
    /** The VM's port answered with the VM's MAC, and nobody else did. */
    OWN,
    /**
     * Nobody was heard in time, or a filter stopped the VM: it may be the VM's, but nothing shows
     * it.
     */
    SILENT,
    /** Another station answered for it. */
    SOMEONE_ELSES,
    /** Not an address that can be asked for, e.g. a multicast one. */
    NOT_ASKABLE
  }

  /** Whether the host may speak for the address. */
  public boolean isOwn() {
    return finding == Finding.OWN;
  }
}
