package org.holdfast.migration.run;

import java.util.EnumSet;
import java.util.Set;
import org.holdfast.api.MigrateCommand;
import org.holdfast.libvirt.JobStatistics;
import org.holdfast.libvirt.MigrationFlag;
import org.holdfast.libvirt.MigrationParameters;
import org.holdfast.migration.converge.JobSample;
import org.holdfast.proto.v1.OperationProgress;

/** Between an operator's words and libvirt's: a command's parameters, a job's statistics. */
final class JobProgress {
  /** 100 only when done, as virsh shows it. */
  private static final double LARGEST_PERCENT = 99.99;

  private JobProgress() {}

  static MigrationParameters parameters(MigrateCommand command, Set<MigrationFlag> more) {
    Set<MigrationFlag> flags = EnumSet.noneOf(MigrationFlag.class);
    flags.addAll(more);
    if (command.live()) {
      flags.add(MigrationFlag.LIVE);
    }
    if (command.persistent()) {
      flags.add(MigrationFlag.PERSIST_DESTINATION);
    }
    if (command.undefineSource()) {
      flags.add(MigrationFlag.UNDEFINE_SOURCE);
    }
    if (command.memory().autoConverge()) {
      flags.add(MigrationFlag.AUTO_CONVERGE);
    }
    if (command.memory().compressed()) {
      flags.add(MigrationFlag.COMPRESSED);
    }
    return MigrationParameters.live(command.destinationUri())
        .withFlags(flags)
        .withBandwidth(command.memory().bandwidthMebibytesPerSecond());
  }

  /**
   * What libvirt leaves undone where it takes a migration for failed and the domain has moved all
   * the same.
   *
   * @return in words, with what to do; empty if nothing more was asked for
   */
  static String undone(MigrateCommand command) {
    StringBuilder words = new StringBuilder();
    if (command.persistent()) {
      words.append(
          " --persistent was not carried out: \"virsh dumpxml\" and \"virsh define\" on the target"
              + " do it.");
    }
    if (command.undefineSource()) {
      words.append(
          " --undefinesource was not carried out: \"virsh undefine\" on the source does it.");
    }
    return words.isEmpty() ? "" : "libvirt lost sight of the migration's end:" + words;
  }

  static JobSample sample(JobStatistics now) {
    return new JobSample(
        now.timeElapsed(),
        now.memoryTotal(),
        now.memoryRemaining(),
        now.memoryIteration(),
        now.memoryBytesPerSecond());
  }

  static OperationProgress.Builder of(OperationProgress.Builder progress, JobStatistics now) {
    double total = Math.max(1, now.memoryTotal());
    return progress
        .setMemoryTotal(now.memoryTotal())
        .setMemoryProcessed(now.memoryProcessed())
        .setMemoryRemaining(now.memoryRemaining())
        .setMemoryDirtyRate(now.memoryDirtyRate())
        .setMemoryIteration(now.memoryIteration())
        .setPercent(Math.min(LARGEST_PERCENT, 100 * (1 - now.memoryRemaining() / total)));
  }
}
