package org.holdfast.libvirt;

import org.holdfast.libvirt.binding.NativeFailure;
import org.libvirt.LibvirtException;

/** libvirt did not do what it was asked to; says what, why, and what can be done about it. */
public final class LibvirtFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Those of libvirt's errors (libvirt/virterror.h) that somebody can act on. */
  public enum Code {
    NO_DOMAIN(42, "list the domains with `virsh list --all`"),
    DOMAIN_EXISTS(28, "a domain of this name or UUID is already there"),
    OPERATION_INVALID(55, "the domain is not in a state that allows this"),
    OPERATION_FAILED(9, "libvirt's log on the host tells more"),
    OPERATION_ABORTED(78, "the job was cancelled"),
    OPERATION_TIMEOUT(68, "another job holds the domain; wait for it, or abort it"),
    OPERATION_UNSUPPORTED(84, "this libvirt or this QEMU cannot do it"),
    NO_SUPPORT(3, "this libvirt driver cannot do it"),
    CONFIG_UNSUPPORTED(67, "the domain's configuration does not allow it"),
    INVALID_ARGUMENT(8, "correct the argument"),
    OPERATION_DENIED(29, "this connection may not do it"),
    ACCESS_DENIED(88, "this user may not do it"),
    AUTHENTICATION_FAILED(45, "check the credentials of the connection"),
    NO_CONNECT(5, "check the URI, and that libvirtd runs there"),
    UNKNOWN_HOST(4, "check the host's name"),
    SYSTEM_ERROR(38, "check that libvirtd runs and is reachable"),
    CONNECTION_INVALID(6, "the connection to libvirtd was lost; it is opened again"),
    RPC(39, "the connection to libvirtd was lost; it is opened again"),
    MIGRATION_UNSAFE(81, "the domain's disks may not be safe to migrate; see --unsafe"),
    CPU_INCOMPATIBLE(91, "the target's processor lacks something the domain uses"),
    RESOURCE_BUSY(87, "try again"),
    XML_ERROR(27, "correct the domain's XML"),
    INTERNAL(1, "libvirt's log on the host tells more"),
    /** Any other; {@link LibvirtFailure#number()} says which. */
    OTHER(-1, "libvirt's log on the host tells more");

    private final int number;
    private final String advice;

    Code(int number, String advice) {
      this.number = number;
      this.advice = advice;
    }

    static Code of(int number) {
      for (Code code : values()) {
        if (code.number == number) {
          return code;
        }
      }
      return OTHER;
    }

    /** virErrorNumber; -1 for {@link #OTHER}. */
    public int number() {
      return number;
    }
  }

  private final Code code;
  private final int number;

  private LibvirtFailure(String operation, int number, String reason, Throwable cause) {
    super(words(operation, classify(number, reason), reason), cause);
    this.code = classify(number, reason);
    this.number = number;
  }

  /**
   * A lost connection comes as an internal error, and a libvirtd that is not there as one of the
   * system; only the words tell them from others.
   */
  private static Code classify(int number, String reason) {
    Code code = Code.of(number);
    if (code == Code.INTERNAL && reason.contains("client socket is closed")) {
      return Code.CONNECTION_INVALID;
    }
    return code == Code.SYSTEM_ERROR && reason.contains("Failed to connect socket")
        ? Code.NO_CONNECT
        : code;
  }

  /**
   * @param operation what was attempted, to follow "cannot", e.g. "suspend domain web"
   */
  static LibvirtFailure of(String operation, LibvirtException cause) {
    org.libvirt.Error error = cause.getError();
    int number = error == null ? -1 : error.getCode().ordinal();
    String reason = error == null ? String.valueOf(cause.getMessage()) : error.getMessage();
    return new LibvirtFailure(operation, number, reason, cause);
  }

  /** As above, for calls of our own binding. */
  static LibvirtFailure of(String operation, NativeFailure cause) {
    return new LibvirtFailure(operation, cause.number(), String.valueOf(cause.getMessage()), cause);
  }

  /** For what is found wrong before libvirt is asked, or in what it answered. */
  static LibvirtFailure of(String operation, Code code, String reason, Throwable cause) {
    return new LibvirtFailure(operation, code.number, reason, cause);
  }

  private static String words(String operation, Code code, String reason) {
    return "cannot " + operation + ": " + reason + " (" + code.advice + ")";
  }

  /** What went wrong. */
  public Code code() {
    return code;
  }

  /** virErrorNumber of libvirt/virterror.h; -1 if there is none. */
  public int number() {
    return number;
  }
}
