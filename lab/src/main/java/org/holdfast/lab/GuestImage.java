package org.holdfast.lab;

import java.nio.file.Path;

/**
 * What a guest boots from: paths on this machine, and the same paths in the lab's containers.
 *
 * @param kernel Linux
 * @param initramfs stacks the two layers
 * @param base squashfs of the Debian packages, the first disk
 * @param layer squashfs of the agent and the lab's files, the second disk
 * @param sshKey private key that opens root's account in the guest
 */
record GuestImage(String kernel, String initramfs, String base, String layer, String sshKey) {

  /** The directory that holds all images, in folders of their own; it is mounted by the hosts. */
  Path cache() {
    Path image = Path.of(base).getParent();
    Path all = image == null ? null : image.getParent();
    if (all == null || !Path.of(layer).startsWith(all) || !Path.of(kernel).startsWith(all)) {
      throw new LabException("the guest's images are not in one cache: " + base + ", " + layer);
    }
    return all;
  }
}
