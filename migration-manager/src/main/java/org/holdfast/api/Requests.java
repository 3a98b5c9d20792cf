package org.holdfast.api;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.holdfast.proto.v1.MigrateDomainRequest;
import org.holdfast.proto.v1.ResumeDomainRequest;
import org.holdfast.proto.v1.SuspendDomainRequest;

/** Checks what callers send, field by field, and makes commands for the engine of it. */
final class Requests {
  private static final int LONGEST_WORD = 1024;
  private static final int LONGEST_REQUEST_ID = 128;

  private Requests() {}

  static MigrateCommand command(MigrateDomainRequest request) {
    return new MigrateCommand(
        domain(request.getDomain()),
        destination(request.getDestinationUri()),
        KeepPolicy.of(request.getConnections()),
        request.getLive(),
        request.getPeerToPeer(),
        request.getPersistent(),
        request.getUndefineSource(),
        new MemoryCopy(
            bandwidth(request.getBandwidthMibPerSecond()),
            duration("timeout", request.getTimeout()),
            duration("longest brownout", request.getMaxBrownout()),
            request.getAutoConverge(),
            request.getCompressed()),
        TakeoverMoment.of(request),
        duration("longest blackout", request.getMaxBlackout()),
        Optional.of(request.getDestinationDaemon()).filter(daemon -> !daemon.isEmpty()));
  }

  static SuspendCommand command(SuspendDomainRequest request) {
    return new SuspendCommand(domain(request.getDomain()), KeepPolicy.of(request.getConnections()));
  }

  static ResumeCommand command(ResumeDomainRequest request) {
    return new ResumeCommand(domain(request.getDomain()));
  }

  static String domain(String domain) {
    if (domain.isBlank()) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "No domain was named.",
          "Give the domain's name, UUID or id.");
    }
    return bounded("domain", domain, LONGEST_WORD);
  }

  static String requestId(String requestId) {
    return bounded("request_id", requestId, LONGEST_REQUEST_ID);
  }

  private static String bounded(String field, String value, int most) {
    if (value.length() > most) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The field " + field + " is longer than " + most + " characters.");
    }
    return value;
  }

  private static String destination(String uri) {
    try {
      if (new URI(bounded("destination_uri", uri, LONGEST_WORD)).getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException malformed) {
      // Said below, in words an operator knows.
    }
    throw new HoldfastException(
        ErrorCode.INVALID_DESTINATION_URI,
        uri.isEmpty()
            ? "No destination URI was given."
            : "The destination URI \"" + uri + "\" names no host.");
  }

  private static int bandwidth(int mebibytesPerSecond) {
    if (mebibytesPerSecond < 0) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The bandwidth "
              + Integer.toUnsignedString(mebibytesPerSecond)
              + " MiB/s is more than libvirt takes.");
    }
    return mebibytesPerSecond;
  }

  private static java.time.Duration duration(String what, Duration duration) {
    if (!Durations.isValid(duration) || Durations.isNegative(duration)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "The " + what + " is not a duration of zero or more.");
    }
    return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }
}
