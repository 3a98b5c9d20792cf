package org.holdfast.libvirt;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.holdfast.libvirt.binding.NativeConnection;
import org.holdfast.libvirt.binding.NativeDomain;
import org.holdfast.libvirt.binding.NativeFailure;
import org.holdfast.libvirt.binding.TypedParameters;
import org.libvirt.Domain;
import org.libvirt.DomainJobStats;
import org.libvirt.LibvirtException;

/** A domain of a libvirtd. Stays valid while the domain is known there, running or not. */
public final class VirtualMachine {
  /** VIR_DOMAIN_JOB_STATS_COMPLETED and VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED. */
  private static final int COMPLETED_STATISTICS = 1 | 1 << 1;

  private final String uri;
  private final Domain domain;
  private final NativeDomain nativeDomain;
  private final String name;
  private final UUID uuid;

  private VirtualMachine(
      String uri, Domain domain, NativeDomain nativeDomain, String name, UUID uuid) {
    this.uri = uri;
    this.domain = domain;
    this.nativeDomain = nativeDomain;
    this.name = name;
    this.uuid = uuid;
  }

  static VirtualMachine of(NativeConnection connection, Domain domain) throws LibvirtException {
    String name = domain.getName();
    String uuid = domain.getUUIDString();
    try {
      NativeDomain nativeDomain = NativeDomain.lookup(connection, uuid);
      return new VirtualMachine(
          connection.uri(), domain, nativeDomain, name, UUID.fromString(uuid));
    } catch (NativeFailure failure) {
      throw LibvirtFailure.of("find domain " + name, failure);
    }
  }

  /** Its name when it was looked up. */
  public String name() {
    return name;
  }

  /** Its UUID, the same on every host. */
  public UUID uuid() {
    return uuid;
  }

  /**
   * libvirt's number for it, which it loses when it stops or leaves, and never has again.
   *
   * @throws LibvirtFailure NO_DOMAIN if it is gone
   */
  public int id() {
    try {
      return domain.getID();
    } catch (LibvirtException failure) {
      throw failed("number", failure);
    }
  }

  /**
   * What it is now.
   *
   * @throws LibvirtFailure NO_DOMAIN if it is gone
   */
  public DomainDescription describe() {
    String xml = xml();
    try {
      return DomainXml.parse(xml);
    } catch (IllegalArgumentException failure) {
      throw LibvirtFailure.of(
          "read the XML of domain " + name,
          LibvirtFailure.Code.XML_ERROR,
          String.valueOf(failure.getMessage()),
          failure);
    }
  }

  /** Its XML as libvirt has it: the live one while it is active. */
  public String xml() {
    try {
      return domain.getXMLDesc(0);
    } catch (LibvirtException failure) {
      throw failed("read the XML of", failure);
    }
  }

  /** Whether it runs. */
  public DomainState state() {
    try {
      NativeDomain.State state = nativeDomain.state();
      return DomainState.of(state.state(), state.reason());
    } catch (NativeFailure failure) {
      throw failed("read the state of", failure);
    }
  }

  /** Whether its definition outlives it. */
  public boolean isPersistent() {
    try {
      return domain.isPersistent() == 1;
    } catch (LibvirtException failure) {
      throw failed("read the persistence of", failure);
    }
  }

  /**
   * Stops its processors; its memory stays.
   *
   * @throws LibvirtFailure OPERATION_INVALID if it is not active
   */
  public void suspend() {
    try {
      domain.suspend();
    } catch (LibvirtException failure) {
      throw failed("suspend", failure);
    }
  }

  /**
   * Lets its processors run again. It is no error if they do: a libvirtd that has just started lets
   * run on what an earlier one was about to move, at a moment that nobody is told.
   *
   * @throws LibvirtFailure OPERATION_INVALID if it is not active
   */
  public void resume() {
    try {
      domain.resume();
    } catch (LibvirtException failure) {
      if (!state().isRunning()) {
        throw failed("resume", failure);
      }
    }
  }

  /**
   * Ends it at once, as if its power were cut; a persistent one stays defined.
   *
   * @throws LibvirtFailure OPERATION_INVALID if it is not active
   */
  public void destroy() {
    try {
      domain.destroy();
    } catch (LibvirtException failure) {
      throw failed("end", failure);
    }
  }

  /** Statistics of the job under way; empty if there is none or it has not yet any to show. */
  public Optional<JobStatistics> jobStatistics() {
    return statistics(0);
  }

  /**
   * Statistics of the last migration, with QEMU's downtime; of the source's domain they can be had
   * only while it is known there. Empty if there was none.
   */
  public Optional<JobStatistics> completedJobStatistics() {
    return statistics(COMPLETED_STATISTICS);
  }

  private Optional<JobStatistics> statistics(int flags) {
    try {
      DomainJobStats answer = domain.getJobStats(flags);
      JobStatistics statistics =
          JobStatistics.of(JobStatistics.kind(answer.type), TypedParameters.read(answer.stats));
      return statistics.kind() != JobStatistics.JobKind.NONE && statistics.saysAnything()
          ? Optional.of(statistics)
          : Optional.empty();
    } catch (LibvirtException failure) {
      throw failed("read the job statistics of", failure);
    }
  }

  /**
   * How long QEMU may let the processors stand at the end of a migration; at least 1 ms. May be
   * changed while it runs.
   */
  public void setMaxDowntime(Duration downtime) {
    try {
      domain.migrateSetMaxDowntime(Math.max(1, downtime.toMillis()));
    } catch (LibvirtException failure) {
      throw failed("set the longest downtime of", failure);
    }
  }

  /**
   * How fast memory may be sent. May be changed while a migration runs.
   *
   * @param mebibytesPerSecond at least 1; libvirt does not know "paused"
   */
  public void setMaxSpeed(long mebibytesPerSecond) {
    try {
      nativeDomain.setMaxSpeed(mebibytesPerSecond);
    } catch (NativeFailure failure) {
      throw failed("set the speed of the migration of", failure);
    }
  }

  /** What {@link #setMaxSpeed} was told last, MiB/s. */
  public long maxSpeed() {
    try {
      return nativeDomain.maxSpeed();
    } catch (NativeFailure failure) {
      throw failed("read the speed of the migration of", failure);
    }
  }

  /** What {@link #setMaxDowntime} was told last. */
  public Duration maxDowntime() {
    try {
      return Duration.ofMillis(nativeDomain.maxDowntime());
    } catch (NativeFailure failure) {
      throw failed("read the longest downtime of", failure);
    }
  }

  /**
   * Begins to measure how much memory the guest writes to; no job may be under way.
   *
   * @param seconds for which it is watched, from 1
   * @throws LibvirtFailure NO_SUPPORT if libvirt is older than 7.2
   */
  public void measureDirtyRate(int seconds) {
    try {
      nativeDomain.startDirtyRateCalculation(seconds);
    } catch (NativeFailure failure) {
      throw failed("measure the dirty rate of", failure);
    }
  }

  /**
   * What was measured last, bytes/s.
   *
   * @return empty if it was never measured, or not yet to the end
   */
  public OptionalLong dirtyRate() {
    try {
      return JobStatistics.dirtyRate(nativeDomain.dirtyRate());
    } catch (NativeFailure failure) {
      throw failed("read the dirty rate of", failure);
    }
  }

  /**
   * Cancels the job under way; who waits in {@link #migrate} gets OPERATION_ABORTED.
   *
   * @throws LibvirtFailure OPERATION_INVALID if there is no job
   */
  public void abortJob() {
    try {
      domain.abortJob();
    } catch (LibvirtException failure) {
      throw failed("abort the job of", failure);
    }
  }

  /**
   * Migrates; returns when the source's QEMU is gone, one to two seconds after the domain is ready
   * on the target: act on the target's events instead.
   *
   * @throws LibvirtFailure if the domain stayed here, or libvirt does not know
   */
  public void migrate(MigrationParameters parameters) {
    try (MigrationCall call = new MigrationCall(uri, uuid)) {
      call.run(parameters);
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of(
          "migrate domain " + name + " to " + parameters.destinationUri(), failure);
    }
  }

  private LibvirtFailure failed(String operation, LibvirtException failure) {
    return LibvirtFailure.of(operation + " domain " + name, failure);
  }

  private LibvirtFailure failed(String operation, NativeFailure failure) {
    return LibvirtFailure.of(operation + " domain " + name, failure);
  }

  @Override
  public String toString() {
    return name + " (" + uuid + ")";
  }
}
