package org.holdfast.access;

/** What a caller may be to this daemon. */
enum Role {
  /** Whoever got as far as this: is the daemon well? */
  ANYONE("be answered"),
  /** Lists, progress, connections. */
  READ("read"),
  /** Migrate, suspend, resume, cancel; includes {@link #READ}. */
  ACT("act"),
  /** Another host: sends domains here, claims connections. */
  HOST("be a host");

  private final String words;

  Role(String words) {
    this.words = words;
  }

  /** To follow "may not". */
  String words() {
    return words;
  }
}
