package org.holdfast.agent.session;

import java.util.List;

/** Whether takeovers work in this guest, tried out where nobody is affected. */
public interface SelfTest {
  /** What is to come. */
  enum Half {
    TAKE_OVER,
    GIVE_BACK
  }

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
        public void again(Half half) {}
      };

  /** What this kernel or this guest lacks, in words; may grow until it is over. */
  List<String> missing();

  /** Whether it has ended, well or not. */
  boolean isOver();

  /**
   * Once more, briefly: after a migration the host's caches know nothing of this guest's code, and
   * a blackout is about to begin. Peers wait for a give-back meanwhile, so no more than that is
   * tried out then.
   */
  void again(Half half);
}
