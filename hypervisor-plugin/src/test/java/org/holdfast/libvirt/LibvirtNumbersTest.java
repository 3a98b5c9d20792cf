package org.holdfast.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.libvirt.LibvirtFailure.Code.OTHER;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.event.DomainEventType;

/** libvirt's numbers and our names for them. */
final class LibvirtNumbersTest {

  @Test
  void errorCodesAreThoseOfTheJavaBindings() {
    assertThat(number(ErrorNumber.VIR_ERR_NO_DOMAIN)).isEqualTo(LibvirtFailure.Code.NO_DOMAIN);
    assertThat(number(ErrorNumber.VIR_ERR_OPERATION_INVALID))
        .isEqualTo(LibvirtFailure.Code.OPERATION_INVALID);
    assertThat(number(ErrorNumber.VIR_ERR_OPERATION_ABORTED))
        .isEqualTo(LibvirtFailure.Code.OPERATION_ABORTED);
    assertThat(number(ErrorNumber.VIR_ERR_OPERATION_TIMEOUT))
        .isEqualTo(LibvirtFailure.Code.OPERATION_TIMEOUT);
    assertThat(number(ErrorNumber.VIR_ERR_CPU_INCOMPATIBLE))
        .isEqualTo(LibvirtFailure.Code.CPU_INCOMPATIBLE);
    assertThat(number(ErrorNumber.VIR_ERR_MIGRATE_UNSAFE))
        .isEqualTo(LibvirtFailure.Code.MIGRATION_UNSAFE);
    assertThat(number(ErrorNumber.VIR_ERR_RPC)).isEqualTo(LibvirtFailure.Code.RPC);
    assertThat(number(ErrorNumber.VIR_ERR_HTTP_ERROR)).isEqualTo(OTHER);
  }

  private static LibvirtFailure.Code number(ErrorNumber number) {
    return LibvirtFailure.Code.of(number.ordinal());
  }

  @Test
  void eventKindsAreInLibvirtsOrder() {
    assertThat(LifecycleKind.of(DomainEventType.STARTED.ordinal()))
        .isEqualTo(LifecycleKind.STARTED);
    assertThat(LifecycleKind.of(DomainEventType.CRASHED.ordinal()))
        .isEqualTo(LifecycleKind.CRASHED);
  }

  @Test
  void unknownEventsKeepTheirNumbers() {
    LifecycleEvent event = LifecycleEvent.of(new UUID(0, 1), "vm", 77, 5, 0);
    assertThat(event.kind()).isEqualTo(LifecycleKind.UNKNOWN);
    assertThat(event.detail()).isEqualTo(LifecycleDetail.UNKNOWN);
    assertThat(event.kindNumber()).isEqualTo(77);
    LifecycleEvent detail = LifecycleEvent.of(new UUID(0, 1), "vm", 3, 99, 0);
    assertThat(detail.kind()).isEqualTo(LifecycleKind.SUSPENDED);
    assertThat(detail.detail()).isEqualTo(LifecycleDetail.UNKNOWN);
    assertThat(detail.detailNumber()).isEqualTo(99);
  }

  @ParameterizedTest
  @EnumSource(LifecycleDetail.class)
  void everyDetailBelongsToItsKind(LifecycleDetail detail) {
    assertThat(detail.name()).startsWith(detail.kind().name());
  }

  @Test
  void unknownStatesAndJobsAreUnknown() {
    assertThat(DomainState.of(1, 0).isRunning()).isTrue();
    assertThat(DomainState.of(3, 2).pauseReason()).isEqualTo(DomainState.PauseReason.MIGRATION);
    assertThat(DomainState.of(3, 99).pauseReason()).isEqualTo(DomainState.PauseReason.UNKNOWN);
    assertThat(DomainState.of(8, 0).kind()).isEqualTo(DomainState.Kind.UNKNOWN);
    assertThat(DomainState.of(-1, 0).kind()).isEqualTo(DomainState.Kind.UNKNOWN);
    assertThat(JobStatistics.kind(2)).isEqualTo(JobStatistics.JobKind.UNBOUNDED);
    assertThat(JobStatistics.kind(17)).isEqualTo(JobStatistics.JobKind.UNKNOWN);
  }

  @Test
  void statisticsAreReadByTheNamesOfLibvirt() {
    JobStatistics statistics =
        JobStatistics.of(
            JobStatistics.JobKind.COMPLETED,
            Map.of(
                "time_elapsed", 1_500L,
                "downtime", 87L,
                "memory_total", 1L << 40,
                "memory_dirty_rate", 12L,
                "errmsg", "none"));
    assertThat(statistics.timeElapsed()).isEqualTo(Duration.ofMillis(1_500));
    assertThat(statistics.downtime()).contains(Duration.ofMillis(87));
    assertThat(statistics.memoryTotal()).isEqualTo(1L << 40);
    assertThat(statistics.memoryDirtyRate()).isEqualTo(12);
    assertThat(statistics.memoryRemaining()).isZero();
    assertThat(statistics.all()).containsEntry("errmsg", "none");
  }

  @Test
  void aDirtyRateCountsOnceItIsMeasured() {
    String status = "dirtyrate.calc_status";
    String rate = "dirtyrate.megabytes_per_second";
    assertThat(JobStatistics.dirtyRate(Map.of(status, 0L))).isEmpty();
    assertThat(JobStatistics.dirtyRate(Map.of(status, 1L, rate, 7L))).isEmpty();
    assertThat(JobStatistics.dirtyRate(Map.of(status, 2L, rate, 7L))).hasValue(7 << 20);
  }

  @Test
  void everyMigrationIsPeerToPeer() {
    Set<MigrationFlag> flags =
        MigrationParameters.live("qemu+tcp://kvm2/system")
            .withFlags(EnumSet.of(MigrationFlag.LIVE, MigrationFlag.PAUSED))
            .withBandwidth(7)
            .flags();
    assertThat(flags)
        .containsExactlyInAnyOrder(
            MigrationFlag.LIVE, MigrationFlag.PAUSED, MigrationFlag.PEER_TO_PEER);
    assertThat(MigrationFlag.PARALLEL.bit()).isEqualTo(131_072);
  }
}
