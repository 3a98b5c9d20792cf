package org.holdfast.takeover;

import java.util.List;

/** What bears our name on this host without belonging to anything that is under way. */
public interface Leftovers {

  /**
   * Names of what is there: "namespace hf-...", "link hf...", "copy in table ..., chain ...",
   * "table bridge holdfast".
   */
  List<String> find();

  /**
   * Removes all of it, without a word to the peers: also what was kept and is not taken up by now.
   */
  void remove();
}
