package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/** What a network device leaves to its hardware; see struct ethtool_value in linux/ethtool.h. */
public final class DeviceOffloads {
  private static final long SIOCETHTOOL = 0x8946;
  private static final int ETHTOOL_STXCSUM = 0x17;
  private static final int ETHTOOL_SSG = 0x19;
  private static final int ETHTOOL_STSO = 0x1f;
  private static final int ETHTOOL_SGSO = 0x24;
  private static final int ETHTOOL_GFLAGS = 0x25;
  private static final int ETHTOOL_SFLAGS = 0x26;
  private static final int ETH_FLAG_TXVLAN = 1 << 7;

  private static final int IFREQ_BYTES = 40;
  private static final int NAME_BYTES = 16;

  private DeviceOffloads() {}

  /**
   * Makes the kernel cut frames to size and fill in checksums and VLAN tags before they reach
   * {@code device} (of the calling thread's namespace), so that who reads them there can send them
   * on as they are.
   *
   * @throws KernelException ENODEV, or EOPNOTSUPP if the device cannot
   */
  public static void disableForSending(String device) {
    int socket = openControl();
    NativeBuffer request = new NativeBuffer(IFREQ_BYTES);
    NativeBuffer value = new NativeBuffer(8);
    byte[] name = device.getBytes(StandardCharsets.US_ASCII);
    request.buffer().put(0, name, 0, Math.min(name.length, NAME_BYTES - 1));
    request.buffer().putLong(NAME_BYTES, value.address());
    try {
      for (int command : new int[] {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM, ETHTOOL_SSG}) {
        value.buffer().putInt(0, command).putInt(4, 0);
        Libc.ioctl(socket, SIOCETHTOOL, request.address());
      }
      value.buffer().putInt(0, ETHTOOL_GFLAGS);
      Libc.ioctl(socket, SIOCETHTOOL, request.address());
      int flags = value.buffer().getInt(4) & ~ETH_FLAG_TXVLAN;
      value.buffer().putInt(0, ETHTOOL_SFLAGS).putInt(4, flags);
      Libc.ioctl(socket, SIOCETHTOOL, request.address());
    } catch (LastErrorException e) {
      throw new KernelException("switch offloads of " + device + " off", e);
    } finally {
      Descriptors.close(socket);
      Reference.reachabilityFence(value);
    }
  }

  private static int openControl() {
    try {
      return Libc.socket(
          LinuxConstants.AF_INET, LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, 255);
    } catch (LastErrorException e) {
      throw new KernelException("open control socket", e);
    }
  }
}
