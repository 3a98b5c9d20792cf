package org.holdfast.libvirt.binding;

/** A call of libvirt failed; carries libvirt's own words. */
public final class NativeFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int number;

  NativeFailure(int number, String message) {
    super(message);
    this.number = number;
  }

  /** The error of this thread's last call. */
  static NativeFailure last() {
    String message = NativeLibvirt.INSTANCE.virGetLastErrorMessage();
    return new NativeFailure(
        NativeLibvirt.INSTANCE.virGetLastErrorCode(), message == null ? "unknown error" : message);
  }

  /** virErrorNumber of libvirt/virterror.h. */
  public int number() {
    return number;
  }
}
