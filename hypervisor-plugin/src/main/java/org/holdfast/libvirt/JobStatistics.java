package org.holdfast.libvirt;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Statistics of a domain's job; names are those of libvirt's typed parameters (VIR_DOMAIN_JOB_* of
 * libvirt/libvirt-domain.h). What the driver did not say is 0.
 *
 * @param timeElapsed since the job began
 * @param memoryTotal bytes
 * @param memoryProcessed bytes sent so far
 * @param memoryRemaining bytes still to send
 * @param memoryBytesPerSecond transfer rate
 * @param memoryDirtyRate pages a second that the guest writes to
 * @param memoryPageSize bytes
 * @param memoryIteration which pass over the memory this is, from 1
 * @param downtime how long the processors stood; while the job runs, what libvirt expects
 * @param autoConvergeThrottle percent by which the guest is slowed down
 * @param all every parameter: Long, Double, Boolean or String
 */
public record JobStatistics(
    JobKind kind,
    Duration timeElapsed,
    long memoryTotal,
    long memoryProcessed,
    long memoryRemaining,
    long memoryBytesPerSecond,
    long memoryDirtyRate,
    long memoryPageSize,
    int memoryIteration,
    Optional<Duration> downtime,
    int autoConvergeThrottle,
    Map<String, Object> all) {
  /** VIR_DOMAIN_DIRTYRATE_MEASURED. */
  private static final long MEASURED = 2;

  /** virDomainJobType. */
  public enum JobKind {
    NONE,
    /** Its end can be told. */
    BOUNDED,
    UNBOUNDED,
    COMPLETED,
    FAILED,
    CANCELLED,
    /** A kind this version does not know. */
    UNKNOWN
  }

  public JobStatistics {
    all = Map.copyOf(all);
  }

  static JobStatistics of(JobKind kind, Map<String, Object> parameters) {
    return new JobStatistics(
        kind,
        Duration.ofMillis(number(parameters, "time_elapsed")),
        number(parameters, "memory_total"),
        number(parameters, "memory_processed"),
        number(parameters, "memory_remaining"),
        number(parameters, "memory_bps"),
        number(parameters, "memory_dirty_rate"),
        number(parameters, "memory_page_size"),
        (int) number(parameters, "memory_iteration"),
        parameters.containsKey("downtime")
            ? Optional.of(Duration.ofMillis(number(parameters, "downtime")))
            : Optional.empty(),
        (int) number(parameters, "auto_converge_throttle"),
        parameters);
  }

  static JobKind kind(int number) {
    boolean known = number >= 0 && number < JobKind.UNKNOWN.ordinal();
    return known ? JobKind.values()[number] : JobKind.UNKNOWN;
  }

  /** Whether the statistics of the memory are there: in the first moments of a job they are not. */
  boolean saysAnything() {
    return memoryTotal > 0 || downtime.isPresent();
  }

  /** Of VIR_DOMAIN_STATS_DIRTYRATE, bytes/s; empty if nothing is measured. */
  static OptionalLong dirtyRate(Map<String, Object> parameters) {
    return number(parameters, "dirtyrate.calc_status") == MEASURED
        ? OptionalLong.of(number(parameters, "dirtyrate.megabytes_per_second") << 20)
        : OptionalLong.empty();
  }

  private static long number(Map<String, Object> parameters, String name) {
    return parameters.get(name) instanceof Long value ? value : 0;
  }
}
