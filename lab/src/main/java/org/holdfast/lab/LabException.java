package org.holdfast.lab;

import org.jspecify.annotations.Nullable;

/** The lab could not do what it was asked; the message says what, why and what to do. */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message only. */
  public LabException(String message) {
    super(message);
  }

  /** With the cause. */
  public LabException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
