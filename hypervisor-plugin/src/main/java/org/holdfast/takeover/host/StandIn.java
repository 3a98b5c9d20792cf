package org.holdfast.takeover.host;

/**
 * A port of ours that stands in for a VM's tap: what others have ruled for the tap is to hold for
 * it.
 *
 * @param tap the host's device of the VM's interface
 * @param port the host's device of ours
 */
record StandIn(String tap, String port) {

  /** Whether a name in a rule, or all that begin like it, is the tap and not the port already. */
  boolean isMeantBy(String name) {
    return TapRules.means(name, tap) && !TapRules.means(name, port);
  }

  /** Whether it is worth taking a ruleset in JSON apart: most hosts have no rule for a tap. */
  boolean mayBeMeantIn(String ruleset) {
    return ruleset.contains('"' + tap + '"') || ruleset.contains("*\"");
  }
}
