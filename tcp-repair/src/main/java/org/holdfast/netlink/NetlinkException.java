package org.holdfast.netlink;

/** A netlink answer that makes no sense; says what was found and what was expected. */
public final class NetlinkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param found what was found
   * @param expected what should have been there
   */
  public NetlinkException(String found, String expected) {
    super("the kernel answered " + found + "; " + expected);
  }
}
