package org.holdfast.lab.endtoend;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.util.List;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;

/** The product's command, as an operator uses it, with its report read back. */
final class Product {
  private Product() {}

  /** Migrates the VM to the other host. */
  static MigrationReport migrate(Lab lab, VirtualMachine vm) {
    KvmHost source = vm.host();
    KvmHost target = other(lab, source);
    return report(
        source.holdfast("migrate", "--live", "--json", vm.name(), target.libvirtUri()).orThrow());
  }

  static KvmHost other(Lab lab, KvmHost host) {
    return lab.hosts().stream()
        .filter(candidate -> !candidate.name().equals(host.name()))
        .findFirst()
        .orElseThrow();
  }

  /** The report the command printed. */
  static MigrationReport report(CommandResult result) {
    MigrationReport.Builder report = MigrationReport.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(result.stdout(), report);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("no report in " + result.describe(), e);
    }
    return report.build();
  }

  /** The connections that were managed and not kept, in words. */
  static List<String> notKept(MigrationReport report) {
    return report.getLedgerList().stream()
        .filter(entry -> entry.getOutcome() != Outcome.OUTCOME_KEPT)
        .filter(entry -> entry.getOutcome() != Outcome.OUTCOME_LEFT_TO_TCP)
        .map(LedgerEntry::toString)
        .toList();
  }
}
