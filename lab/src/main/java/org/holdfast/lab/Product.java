package org.holdfast.lab;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;

/** The product's command, as an operator uses it, with its report read back. */
public final class Product {
  private Product() {}

  /**
   * Migrates the VM to the other host.
   *
   * @param words further options of {@code holdfast migrate}
   * @throws LabException if the command fails
   */
  public static MigrationReport migrate(Lab lab, VirtualMachine vm, String... words) {
    KvmHost source = vm.host();
    KvmHost target = other(lab, source);
    List<String> command = new ArrayList<>(List.of("migrate", "--live", "--json"));
    command.addAll(List.of(words));
    command.addAll(List.of(vm.name(), target.libvirtUri()));
    return report(source.holdfast(command.toArray(String[]::new)).orThrow());
  }

  /**
   * Suspends a VM; its host holds its connections.
   *
   * @throws LabException if the command fails
   */
  public static MigrationReport suspend(KvmHost host, String vm) {
    return report(host.holdfast("suspend", "--json", vm).orThrow());
  }

  /**
   * Resumes a VM whose connections its host holds.
   *
   * @throws LabException if the command fails
   */
  public static MigrationReport resume(KvmHost host, String vm) {
    return report(host.holdfast("resume", "--json", vm).orThrow());
  }

  /** The lab's other host. */
  public static KvmHost other(Lab lab, KvmHost host) {
    return lab.hosts().stream()
        .filter(candidate -> !candidate.name().equals(host.name()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The report the command printed.
   *
   * @throws LabException if it printed none
   */
  public static MigrationReport report(CommandResult result) {
    MigrationReport.Builder report = MigrationReport.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(result.stdout(), report);
    } catch (InvalidProtocolBufferException e) {
      throw new LabException("no report in " + result.describe(), e);
    }
    return report.build();
  }

  /** How many connections the product itself kept. */
  public static long kept(MigrationReport report) {
    return report.getLedgerList().stream()
        .filter(entry -> entry.getOutcome() == Outcome.OUTCOME_KEPT)
        .count();
  }

  /** The connections that were managed and not kept, in words. */
  public static List<String> notKept(MigrationReport report) {
    return report.getLedgerList().stream()
        .filter(entry -> entry.getOutcome() != Outcome.OUTCOME_KEPT)
        .filter(entry -> entry.getOutcome() != Outcome.OUTCOME_LEFT_TO_TCP)
        .map(LedgerEntry::toString)
        .toList();
  }
}
