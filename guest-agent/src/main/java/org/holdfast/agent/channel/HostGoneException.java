package org.holdfast.agent.channel;

/** Nobody takes what the agent says: the host side is closed, or has not read for too long. */
public final class HostGoneException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param explanation how that was seen
   */
  public HostGoneException(String explanation) {
    super(explanation);
  }
}
