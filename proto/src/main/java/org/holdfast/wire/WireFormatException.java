package org.holdfast.wire;

/** A message that does not mean what it must; says which field, and what is wrong with it. */
public final class WireFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Code {
    /** A field that is needed is absent, or an enum says zero: "not said". */
    MISSING,
    /** An enum carries a number this version does not know. */
    UNKNOWN_VALUE,
    /** A number lies outside its bounds. */
    OUT_OF_BOUNDS,
    /** An address is no address of a host, or does not fit its family. */
    BAD_ADDRESS,
    /** Two fields contradict each other. */
    CONTRADICTION,
    /** A link-local address stands on an interface that does not exist here. */
    UNKNOWN_INTERFACE,
    /** A message is longer than a frame may be. */
    TOO_LARGE,
    /** The bytes are no message of the expected type. */
    NOT_A_MESSAGE
  }

  private final Code code;

  /**
   * @param code what is wrong
   * @param field the field's path in the message, e.g. "options.mss_clamp"
   * @param explanation what was found and what is expected
   */
  public WireFormatException(Code code, String field, String explanation) {
    super(field + ": " + explanation + " (" + code + ")");
    this.code = code;
  }

  /** What is wrong. */
  public Code code() {
    return code;
  }
}
