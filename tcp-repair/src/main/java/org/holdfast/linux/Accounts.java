package org.holdfast.linux;

import com.sun.jna.Pointer;
import java.util.OptionalInt;

/** Users and groups of this host by their names, from wherever nsswitch.conf says they come. */
public final class Accounts {
  /** Of pw_uid in struct passwd, and of gr_gid in struct group: behind two pointers. */
  private static final long NUMBER_OFFSET = 16;

  private Accounts() {}

  /** The number of a user; empty if there is none of this name. */
  public static OptionalInt userNamed(String name) {
    // The answer lies in memory that the next question overwrites.
    synchronized (Accounts.class) {
      return numberIn(Libc.getpwnam(name));
    }
  }

  /** The number of a group; empty if there is none of this name. */
  public static OptionalInt groupNamed(String name) {
    synchronized (Accounts.class) {
      return numberIn(Libc.getgrnam(name));
    }
  }

  private static OptionalInt numberIn(long entry) {
    return entry == 0
        ? OptionalInt.empty()
        : OptionalInt.of(new Pointer(entry).getInt(NUMBER_OFFSET));
  }
}
