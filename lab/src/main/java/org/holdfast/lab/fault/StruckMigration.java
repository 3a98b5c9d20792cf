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
 * wanted, until the command has ended, the VM runs in one place, and its agent answers.
 */
public final class StruckMigration {
  /** How long all may take to settle afterwards. */
  public static final Duration SETTLED_BOUND = Duration.ofSeconds(60);

  private static final Duration MIGRATION_BOUND = Duration.ofMinutes(3);

  /** Before an operator has noticed that a VM is lost, and ends what is left of it. */
  private static final Duration TO_NOTICE = Duration.ofSeconds(5);

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
   * @param end where it runs now; empty if the fault has ended it
   * @param struck whether the fault found its moment; false if there was none
   * @param said the command's status and words
   */
  public record Outcome(
      KvmHost source, KvmHost target, Optional<KvmHost> end, boolean struck, CommandResult said) {
    /** Whether the VM runs on the target now. */
    public boolean moved() {
      return end.filter(host -> host.name().equals(target.name())).isPresent();
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
    Scene scene = new Scene(source, target, vm);
    Outcome outcome;
    try {
      if (strike.isPresent()) {
        strike.get().fault().prepare(scene);
      }
      outcome = run(scene, strike);
    } finally {
      scene.repair();
    }
    if (outcome.struck() && outcome.end().isPresent()) {
      Guests.awaitAgent(vm);
    }
    return outcome;
  }

  private static Outcome run(Scene scene, Optional<Strike> strike) throws InterruptedException {
    VirtualMachine vm = scene.vm();
    DaemonLog log = DaemonLog.fromNow(scene.source());
    List<String> words =
        List.of("holdfast", "migrate", "--live", "--json", vm.name(), scene.target().libvirtUri());
    try (BackgroundCommand command = scene.source().start(words)) {
      scene.runs(command);
      boolean struck = strike.isPresent() && struck(strike.get(), log, scene);
      boolean ended = struck && strike.get().fault().ends() == Fault.Ends.NOWHERE;
      if (ended) {
        Thread.sleep(TO_NOTICE.toMillis());
        vm.destroy(); // a kernel that has panicked runs on
      }
      CommandResult said = command.result(MIGRATION_BOUND);
      if (ended) {
        return new Outcome(scene.source(), scene.target(), Optional.empty(), true, said);
      }
      Waiting.until(SETTLED_BOUND, vm.name() + " to run in one place", vm::runsInOnePlace);
      return new Outcome(scene.source(), scene.target(), Optional.of(vm.host()), struck, said);
    }
  }

  private static boolean struck(Strike strike, DaemonLog log, Scene scene)
      throws InterruptedException {
    if (!log.reaches(strike.fault().at().name())) {
      return false;
    }
    Thread.sleep(strike.delay().toMillis());
    strike.fault().inject(scene);
    return true;
  }
}
