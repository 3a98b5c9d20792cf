package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.util.HashSet;
import java.util.Set;

/**
 * Who is at the other end of a Unix socket, by the kernel's word (unix(7), SO_PEERCRED and
 * SO_PEERGROUPS): as it was when it connected.
 *
 * @param pid in this process's namespace; 0 if it is in another
 * @param user effective user
 * @param groups effective and supplementary groups
 */
public record PeerProcess(int pid, int user, Set<Integer> groups) {
  private static final int UCRED_BYTES = 12;

  /** More than almost everybody has; where they are more, the kernel says how many. */
  private static final int USUAL_GROUPS = 64;

  public PeerProcess {
    groups = Set.copyOf(groups);
  }

  /**
   * @param descriptor of a connected Unix stream socket
   * @throws KernelException it is none
   */
  public static PeerProcess of(int descriptor) {
    NativeBuffer credentials = read(descriptor, LinuxConstants.SO_PEERCRED, UCRED_BYTES);
    NativeBuffer list =
        read(descriptor, LinuxConstants.SO_PEERGROUPS, USUAL_GROUPS * Integer.BYTES);
    Set<Integer> groups = new HashSet<>();
    groups.add(credentials.buffer().getInt(8));
    while (list.buffer().hasRemaining()) {
      groups.add(list.buffer().getInt());
    }
    return new PeerProcess(credentials.buffer().getInt(0), credentials.buffer().getInt(4), groups);
  }

  private static NativeBuffer read(int descriptor, int option, int bytes) {
    NativeBuffer value = new NativeBuffer(bytes);
    NativeBuffer length = new NativeBuffer(Integer.BYTES);
    length.buffer().putInt(0, bytes);
    try {
      Libc.getsockopt(
          descriptor, LinuxConstants.SOL_SOCKET, option, value.address(), length.address());
    } catch (LastErrorException e) {
      int needed = length.buffer().getInt(0);
      if (e.getErrorCode() == Errno.ERANGE && needed > bytes) {
        return read(descriptor, option, needed);
      }
      throw new KernelException("ask who is at the other end of descriptor " + descriptor, e);
    }
    value.buffer().limit(length.buffer().getInt(0));
    return value;
  }
}
