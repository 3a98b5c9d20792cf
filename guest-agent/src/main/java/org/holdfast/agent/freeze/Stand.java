package org.holdfast.agent.freeze;

/** One thing that stands, or is about to, because of this agent. */
sealed interface Stand {

  /** The line by which a later agent finds it again. */
  String line();

  /**
   * A cgroup with all below it.
   *
   * @param path in the hierarchy
   */
  record Cgroup(String path) implements Stand {
    static final String WORD = "cgroup ";

    @Override
    public String line() {
      return WORD + path;
    }
  }

  /**
   * A process that was sent SIGSTOP.
   *
   * @param startTime in ticks since boot
   */
  record Process(int pid, String startTime) implements Stand {
    static final String WORD = "process ";

    @Override
    public String line() {
      return WORD + pid + " " + startTime;
    }
  }
}
