package org.holdfast.takeover;

/** The host could not do its part; the message says what, why, and what to do. */
public final class TakeoverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What failed. */
  public enum Code {
    /** A bridge or port that should be there is not. */
    PORT_MISSING,
    /** The fence's rules could not be written or read back. */
    FENCE_FAILED,
    /** The takeover namespace could not be set up. */
    NAMESPACE_FAILED,
    /** The bridge's forwarding entry for the VM could not be changed. */
    STEERING_FAILED,
    /** Frames could not be read or sent. */
    FRAMES_FAILED,
    /** The host's connection tracking could not be read or written. */
    TRACKING_FAILED,
    /** A call out of order; a fault of the caller. */
    OUT_OF_ORDER,
    /** This host lacks something the takeover needs. */
    UNSUPPORTED_HOST
  }

  private final Code code;

  public TakeoverException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TakeoverException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What failed. */
  public Code code() {
    return code;
  }
}
