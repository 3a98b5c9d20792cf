package org.holdfast.api;

import java.util.Optional;
import org.holdfast.proto.v1.MigrationReport;
import org.jspecify.annotations.Nullable;

/** What went wrong, in a code for programs and in two sentences for people. */
public final class HoldfastException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String remedy;
  private final transient @Nullable MigrationReport report;

  /** With the remedy that usually helps, {@link ErrorCode#usualRemedy()}. */
  public HoldfastException(ErrorCode code, String whatHappened) {
    this(code, whatHappened, code.usualRemedy(), null, null);
  }

  public HoldfastException(ErrorCode code, String whatHappened, String remedy) {
    this(code, whatHappened, remedy, null, null);
  }

  public HoldfastException(
      ErrorCode code, String whatHappened, String remedy, @Nullable Throwable cause) {
    this(code, whatHappened, remedy, cause, null);
  }

  private HoldfastException(
      ErrorCode code,
      String whatHappened,
      String remedy,
      @Nullable Throwable cause,
      @Nullable MigrationReport report) {
    super(whatHappened, cause);
    this.code = code;
    this.remedy = remedy;
    this.report = report;
  }

  /** The same error with the ledger and the timeline of what was done and rolled back. */
  public HoldfastException withReport(MigrationReport upToHere) {
    HoldfastException reported =
        new HoldfastException(code, whatHappened(), remedy, getCause(), upToHere);
    reported.setStackTrace(getStackTrace());
    return reported;
  }

  public ErrorCode code() {
    return code;
  }

  /** One sentence that names what it is about: the domain, the host, the bridge. */
  public String whatHappened() {
    return String.valueOf(getMessage());
  }

  /** One sentence: what the operator can do about it. */
  public String remedy() {
    return remedy;
  }

  /** Ledger and timeline up to the failure, if the operation had begun. */
  public Optional<MigrationReport> report() {
    return Optional.ofNullable(report);
  }
}
