package org.holdfast.lab.workload;

/** The load itself could not be run; says nothing about the connections. */
public final class LoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Code {
    /** The server in the guest did not start. */
    SERVER_NOT_STARTED,
    /** Not all clients connected in time. */
    CLIENTS_NOT_CONNECTED,
    /** The clients did not end in time when asked to. */
    CLIENTS_NOT_ENDED,
    /** The clients' event log could not be read. */
    EVENTS_UNREADABLE
  }

  private final Code code;

  LoadException(Code code, String message) {
    super(message);
    this.code = code;
  }

  LoadException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What went wrong. */
  public Code code() {
    return code;
  }
}
