package org.holdfast.agent.session;

import java.util.List;

/** Whether takeovers work in this guest, tried out where nobody is affected. */
public interface SelfTest {
  /** Nothing is tried out, and nothing is missing. */
  SelfTest NONE =
      new SelfTest() {
        @Override
        public List<String> missing() {
          return List.of();
        }

        @Override
        public boolean isOver() {
          return true;
        }

        @Override
        public void again() {}
      };

  /** What this kernel or this guest lacks, in words; may grow until it is over. */
  List<String> missing();

  /** Whether it has ended, well or not. */
  boolean isOver();

  /**
   * Once more, briefly: after a migration the host's caches know nothing of this guest's code, and
   * a blackout is about to begin.
   */
  void again();
}
