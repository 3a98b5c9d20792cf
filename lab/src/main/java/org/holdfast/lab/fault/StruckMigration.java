package org.holdfast.lab.fault;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;
import org.holdfast.proto.v1.MigrationReport;

/**
 * A live migration to the other host by the product's command, with a fault in its middle if one is
 * wanted, until the command has ended and the VM runs in one place.
 */
public final class StruckMigration {
  /** How long all may take to settle afterwards. */
  public static final Duration SETTLED_BOUND = Duration.ofSeconds(60);

  private static final Duration MIGRATION_BOUND = Duration.ofMinutes(3);

  /**
   * A fault at its moment.
   *
   * @param fault which
   * @param delay how long after its state was reached
   */
  public record Strike(Fault fault, Duration delay) {}

  /**
   * What came of it.
   *
   * @param source where the VM was
   * @param target where it was sent
   * @param end where it runs now
   * @param struck whether the fault found its moment; false if there was none
   * @param said the command's status and words
   */
  public record Outcome(
      KvmHost source, KvmHost target, KvmHost end, boolean struck, CommandResult said) {
    /** Whether the VM runs on the target now. */
    public boolean moved() {
      return end.name().equals(target.name());
    }

    /** What the command says went wrong, or else its last words; empty if it said nothing. */
    public String words() {
      List<String> lines = said.stderr().lines().filter(line -> !line.isBlank()).toList();
      return lines.stream()
          .filter(line -> line.startsWith("error: "))
          .findFirst()
          .orElse(lines.isEmpty() ? "" : lines.get(lines.size() - 1));
    }

    /** The report, if the command printed one. */
    public Optional<MigrationReport> report() {
      return said.text().startsWith("{") ? Optional.of(Product.report(said)) : Optional.empty();
    }
  }

  private StruckMigration() {}

  /**
   * Migrates.
   *
   * @throws LabException if the command does not end, or the VM does not come to run in one place
   */
  public static Outcome run(Lab lab, VirtualMachine vm, Optional<Strike> strike)
      throws InterruptedException {
    KvmHost source = vm.host();
    KvmHost target = Product.other(lab, source);
    DaemonLog log = DaemonLog.fromNow(source);
    List<String> words =
        List.of("holdfast", "migrate", "--live", "--json", vm.name(), target.libvirtUri());
    try (BackgroundCommand command = source.start(words)) {
      boolean struck =
          strike.isPresent()
              && struck(strike.get(), log, new Fault.Scene(source, target, vm.name(), command));
      CommandResult said = command.result(MIGRATION_BOUND);
      Waiting.until(SETTLED_BOUND, vm.name() + " to run in one place", vm::runsInOnePlace);
      return new Outcome(source, target, vm.host(), struck, said);
    }
  }

  private static boolean struck(Strike strike, DaemonLog log, Fault.Scene scene)
      throws InterruptedException {
    if (!log.reaches(strike.fault().at().name())) {
      return false;
    }
    Thread.sleep(strike.delay().toMillis());
    strike.fault().inject(scene);
    return true;
  }
}
