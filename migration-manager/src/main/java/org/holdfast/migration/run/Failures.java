package org.holdfast.migration.run;

import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.takeover.TakeoverException;

/** What went wrong as an operator's errors; libvirt's failures are told apart here alone. */
final class Failures {
  private Failures() {}

  static HoldfastException of(LibvirtFailure failure) {
    ErrorCode code =
        switch (failure.code()) {
          case NO_DOMAIN -> ErrorCode.DOMAIN_NOT_FOUND;
          case NO_CONNECT, CONNECTION_INVALID, RPC -> ErrorCode.LIBVIRT_UNREACHABLE;
          case UNKNOWN_HOST -> ErrorCode.TARGET_UNREACHABLE;
          case OPERATION_TIMEOUT, RESOURCE_BUSY -> ErrorCode.ALREADY_MIGRATING;
          case OPERATION_DENIED, ACCESS_DENIED, AUTHENTICATION_FAILED ->
              ErrorCode.PERMISSION_DENIED;
          default -> ErrorCode.LIBVIRT_REFUSED;
        };
    return new HoldfastException(
        code, "libvirt: " + failure.getMessage() + ".", code.usualRemedy(), failure);
  }

  /** A failure of the migration call: what it means depends on who could not do what. */
  static HoldfastException ofMigration(LibvirtFailure failure, Destination destination) {
    ErrorCode code =
        switch (failure.code()) {
          case NO_CONNECT, SYSTEM_ERROR, UNKNOWN_HOST -> ErrorCode.TARGET_UNREACHABLE;
          case OPERATION_ABORTED -> ErrorCode.CANCELLED;
          default -> ErrorCode.MIGRATION_FAILED;
        };
    return new HoldfastException(
        code,
        "libvirt did not move the domain to %s: %s."
            .formatted(destination.uri(), failure.getMessage()),
        code.usualRemedy(),
        failure);
  }

  /** A step of a takeover failed. */
  static HoldfastException ofTakeover(DomainIdentity domain, TakeoverException failure) {
    return new HoldfastException(
        ErrorCode.TAKEOVER_FAILED,
        "This host cannot take domain %s over: %s".formatted(domain.name(), failure.getMessage()),
        ErrorCode.TAKEOVER_FAILED.usualRemedy(),
        failure);
  }

  /**
   * The VM stayed on this host, and the way back to its connections failed.
   *
   * @param isActive whether it still runs
   */
  static HoldfastException ofRollBack(DomainIdentity domain, boolean isActive, Exception why) {
    return isActive
        ? new HoldfastException(
            ErrorCode.ROLL_BACK_FAILED,
            "Domain %s stayed on this host, but its connections are still held: %s"
                .formatted(domain.name(), why.getMessage()),
            ErrorCode.ROLL_BACK_FAILED.usualRemedy(),
            why)
        : new HoldfastException(
            ErrorCode.DOMAIN_NOT_RUNNING,
            "Domain %s was stopped while its connections were held: they ended with it."
                .formatted(domain.name()));
  }
}
