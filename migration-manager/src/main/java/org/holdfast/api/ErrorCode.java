package org.holdfast.api;

import io.grpc.Status;

/**
 * Every way in which an operation can be refused or fail. The constant's name is the UPPER_SNAKE
 * reason that orchestrators see in google.rpc.ErrorInfo (AIP-193): a name is never changed and
 * never used for something else.
 *
 * <p>The gRPC code follows what a caller should do: INVALID_ARGUMENT, do not repeat it as it is;
 * FAILED_PRECONDITION, change the system first; UNAVAILABLE, repeat later; ABORTED, repeat once the
 * other is done.
 */
public enum ErrorCode {
  // The request.
  INVALID_ARGUMENT(
      Status.Code.INVALID_ARGUMENT, "Correct the request; \"holdfast help\" lists the options."),
  INVALID_DESTINATION_URI(
      Status.Code.INVALID_ARGUMENT,
      "Give a libvirt URI with a host, for example qemu+tcp://kvm2/system."),
  SAME_HOST(Status.Code.INVALID_ARGUMENT, "Name another host as the destination."),
  PERMISSION_DENIED(
      Status.Code.PERMISSION_DENIED,
      "Run the command as root, or have your user named under access in holdfastd.yaml."),
  UNAUTHENTICATED(
      Status.Code.UNAUTHENTICATED,
      "Give both hosts certificates of the same authority in /etc/holdfast/tls."),

  // The domain.
  DOMAIN_NOT_FOUND(Status.Code.NOT_FOUND, "\"virsh list --all\" shows the domains of this host."),
  DOMAIN_NOT_RUNNING(Status.Code.FAILED_PRECONDITION, "Start the domain first."),
  DOMAIN_NOT_SUSPENDED(
      Status.Code.FAILED_PRECONDITION,
      "Only a domain that \"holdfast suspend\" paused is resumed."),
  ALREADY_MIGRATING(
      Status.Code.ABORTED,
      "Wait for the other operation or cancel it; \"holdfast operations\" lists them."),
  UNSUPPORTED_NETWORK_TYPE(
      Status.Code.FAILED_PRECONDITION,
      "Attach the interface to a Linux bridge, or migrate with --connections off."),
  BRIDGE_MISSING_ON_TARGET(
      Status.Code.FAILED_PRECONDITION, "Make the bridge on the target, or name another target."),
  CONNECTIONS_NOT_KEEPABLE(
      Status.Code.FAILED_PRECONDITION,
      "\"holdfast connections\" says which and why; --connections best-effort moves the domain all"
          + " the same."),

  // The host itself.
  DAEMON_UNREACHABLE(
      Status.Code.UNAVAILABLE,
      "See that holdfastd runs (systemctl status holdfastd) and that --connect names it."),
  LIBVIRT_UNREACHABLE(
      Status.Code.UNAVAILABLE,
      "See that libvirtd runs and that the URI in holdfastd.yaml is right."),
  LIBVIRT_REFUSED(Status.Code.FAILED_PRECONDITION, "Mend what libvirt names; its log tells more."),
  KERNEL_TOO_OLD(
      Status.Code.FAILED_PRECONDITION,
      "Use a kernel with what the message names, or migrate with" + " --connections off."),
  NOT_ENOUGH_SPACE(
      Status.Code.RESOURCE_EXHAUSTED,
      "Free memory or disk, or lower the bounds in holdfastd.yaml."),

  // The agent in the guest.
  AGENT_ABSENT(
      Status.Code.FAILED_PRECONDITION,
      "Install holdfast-guest-agent in the guest and give the domain the channel"
          + " org.holdfast.guest.0, or migrate with --connections off."),
  AGENT_TOO_OLD(Status.Code.FAILED_PRECONDITION, "Upgrade holdfast-guest-agent in the guest."),
  AGENT_SILENT(
      Status.Code.UNAVAILABLE,
      "See in the guest that holdfast-guest-agent runs, or migrate with --connections off."),
  AGENT_FAILED(
      Status.Code.INTERNAL, "The agent's log in the guest tells more; the connections are intact."),

  // The other host.
  TARGET_UNREACHABLE(
      Status.Code.UNAVAILABLE, "See that the target is up and its libvirtd answers on that URI."),
  NO_DAEMON_ON_TARGET(
      Status.Code.FAILED_PRECONDITION,
      "Install and start holdfastd on the target, or migrate with --connections off."),
  TARGET_DAEMON_INCOMPATIBLE(
      Status.Code.FAILED_PRECONDITION, "Bring holdfastd to the same version on both hosts."),
  TARGET_REFUSED(Status.Code.FAILED_PRECONDITION, "Mend on the target what the message names."),

  // Under way.
  CANCELLED(Status.Code.CANCELLED, "Nothing is left to do: the domain runs where it was."),
  TIMEOUT(
      Status.Code.DEADLINE_EXCEEDED,
      "Give it more time or more bandwidth; the domain runs where it was."),
  TAKEOVER_FAILED(
      Status.Code.INTERNAL,
      "The connections are back with the guest; the daemon's log says which step failed."),
  MIGRATION_FAILED(
      Status.Code.INTERNAL,
      "The domain runs where it was; libvirt's log on both hosts tells more."),
  ROLL_BACK_FAILED(
      Status.Code.DATA_LOSS,
      "See to the domain by hand; the daemon's log says what was left undone."),

  // After the point of no return.
  CLAIM_REFUSED(
      Status.Code.FAILED_PRECONDITION,
      "The ticket in the guest is not one this host gave; its log tells what it holds."),
  HOLDER_UNREACHABLE(
      Status.Code.UNAVAILABLE,
      "Bring the holding host back; the connections are claimed as soon as it answers."),
  NOTHING_HELD(
      Status.Code.NOT_FOUND, "No connections of this domain are held here; it runs with its own."),
  GIVE_BACK_FAILED(
      Status.Code.INTERNAL, "The ledger names the connections; the daemon's log says why."),

  // Operations.
  OPERATION_NOT_FOUND(
      Status.Code.NOT_FOUND,
      "\"holdfast operations\" lists what is remembered; finished ones are forgotten in time."),
  OPERATION_NOT_DONE(Status.Code.FAILED_PRECONDITION, "Cancel it first, or wait for its end."),
  TOO_LATE_TO_CANCEL(
      Status.Code.FAILED_PRECONDITION,
      "The domain already runs on the target, and the operation completes by itself."),

  JOURNAL_FAILED(
      Status.Code.FAILED_PRECONDITION,
      "Make room where holdfastd.yaml's history.journal is; nothing was begun."),
  SHUTTING_DOWN(Status.Code.UNAVAILABLE, "Repeat it when the daemon runs again."),
  INTERNAL(Status.Code.INTERNAL, "The daemon's log tells more; please report it.");

  private final Status.Code grpcCode;
  private final String usualRemedy;

  ErrorCode(Status.Code grpcCode, String usualRemedy) {
    this.grpcCode = grpcCode;
    this.usualRemedy = usualRemedy;
  }

  /** What a gRPC caller sees as the status code. */
  public Status.Code grpcCode() {
    return grpcCode;
  }

  /** What usually helps, in one sentence. */
  public String usualRemedy() {
    return usualRemedy;
  }
}
