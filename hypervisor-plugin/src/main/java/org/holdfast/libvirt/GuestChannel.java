package org.holdfast.libvirt;

import java.nio.file.Path;

/**
 * The virtio-serial channel to the agent in the guest.
 *
 * @param path the Unix socket on which QEMU listens
 * @param openedByGuest whether a process in the guest has the port open
 */
public record GuestChannel(Path path, boolean openedByGuest) {
  /** Name of the virtio port in the guest. */
  public static final String PORT_NAME = "org.holdfast.guest.0";
}
