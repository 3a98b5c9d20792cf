package org.holdfast.tcp;

/** Urgent data is pending, which no kernel lets anybody restore. */
public final class UrgentDataException extends TcpRepairException {
  private static final long serialVersionUID = 1L;

  public UrgentDataException() {
    super("export", 0, "urgent data is pending, which cannot be restored; leave it to TCP");
  }
}
