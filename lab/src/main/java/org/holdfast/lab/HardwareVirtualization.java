package org.holdfast.lab;

/**
 * Finds out whether guests can run on /dev/kvm: by booting one, for the file alone says nothing.
 */
final class HardwareVirtualization {
  /** The initramfs without disks gets as far as its complaint that there are none. */
  private static final String PROBE =
      """
      [ -c /dev/kvm ] || exit 1
      timeout 10 qemu-system-x86_64 -accel kvm -cpu qemu64 -m 256 -nographic -no-reboot \
          -nodefaults -serial stdio -kernel "$1" -initrd "$2" -append 'console=ttyS0 panic=-1' \
          < /dev/null 2>&1 | grep -q -m 1 'holdfast initramfs'
      """;

  private HardwareVirtualization() {}

  static boolean isUsable(KvmHost host, GuestImage image) {
    return host.exec("bash", "-c", PROBE, "bash", image.kernel(), image.initramfs()).succeeded();
  }
}
