package org.holdfast.linux;

import com.sun.jna.Native;

/**
 * Raw mappings of the C library's posix_spawn(3) family, as in {@link Libc}. Apart from it because
 * {@code addclosefrom_np} came with glibc 2.34: only hosts need it. All of them return an errno.
 */
final class LibcSpawn {
  static {
    Native.register(LibcSpawn.class, "c");
  }

  private LibcSpawn() {}

  static native int posix_spawn(
      long pid, String path, long fileActions, long attributes, long argv, long envp);

  static native int posix_spawn_file_actions_init(long fileActions);

  static native int posix_spawn_file_actions_adddup2(long fileActions, int fd, int newFd);

  static native int posix_spawn_file_actions_addopen(
      long fileActions, int fd, String path, int flags, int mode);

  static native int posix_spawn_file_actions_addclosefrom_np(long fileActions, int from);

  static native int posix_spawn_file_actions_destroy(long fileActions);

  static native int posix_spawnattr_init(long attributes);

  static native int posix_spawnattr_setflags(long attributes, short flags);

  static native int posix_spawnattr_destroy(long attributes);
}
