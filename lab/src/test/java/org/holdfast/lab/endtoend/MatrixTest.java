package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.DaemonLog;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.matrix.MatrixSample;
import org.holdfast.takeover.matrix.MatrixScript;
import org.holdfast.takeover.matrix.MatrixScript.Moment;
import org.holdfast.takeover.matrix.MatrixScript.Who;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A sample of what the namespaces' matrix has, with real VMs: whoever does whatever to a connection
 * in any state, both applications see what they see without a takeover. All scripts go through a
 * suspension at once, and those that need no peer who acts meanwhile through a migration. The
 * property {@code holdfast.matrix} chooses scripts by a part of their name.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
class MatrixTest {
  private static final int SAMPLE = 40;

  private static final Duration RESUME_BOUND = Duration.ofMinutes(1);

  private final Lab lab;
  private final VirtualMachine vm;

  MatrixTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("matrix")).awaitReady();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
  }

  @Test
  void applicationsSeeTheSameAsWithoutATakeover() throws Exception {
    List<MatrixScript> all = sample();
    List<MatrixScript> moving = all.stream().filter(MatrixTest::needsNobodyMeanwhile).toList();
    MatrixLab matrix = new MatrixLab(lab, vm);
    List<MigrationReport> reports = new ArrayList<>();

    MatrixLab.Result expected = matrix.without(all);
    KvmHost host = vm.host();
    MatrixLab.Result suspended =
        matrix.with(
            all,
            () -> host.holdfast("suspend", vm.name()).orThrow(),
            () -> reports.add(resumed(host, matrix::giveBackBegins)));
    // Early, for applications to act while the VM moves: they would stand otherwise.
    MatrixLab.Result moved =
        matrix.with(
            moving, () -> reports.add(Product.migrate(lab, vm, "--takeover", "early")), () -> {});

    List<String> different = new ArrayList<>(different("suspended", all, expected, suspended));
    different.addAll(different("moved", moving, expected, moved));
    int cases = all.size() + moving.size();
    System.out.println("matrix: begin of what differs");
    different.forEach(System.out::println);
    System.out.printf(
        "MATRIX cases=%d same=%d differ=%d%n", cases, cases - different.size(), different.size());
    SoftAssertions.assertSoftly(
        check -> {
          check.assertThat(different).isEmpty();
          check.assertThat(suspended.inTime()).as("acts while suspended").isEqualTo("held");
          check.assertThat(moved.inTime()).as("acts while moved").isEqualTo("held");
          check
              .assertThat(reports.stream().flatMap(MatrixTest::notManaged).toList())
              .as("not managed")
              .isEmpty();
        });
  }

  private static List<MatrixScript> sample() {
    List<MatrixScript> scripts =
        Stream.of(SocketFamily.IPV4, SocketFamily.IPV6)
            .flatMap(family -> MatrixScript.withOneAct(family).stream())
            .filter(script -> script.acts().stream().allMatch(MatrixTest::canBeTimed))
            .toList();
    String filter = System.getProperty("holdfast.matrix", "");
    List<MatrixScript> wanted =
        scripts.stream().filter(script -> script.toString().contains(filter)).toList();
    return MatrixSample.of(wanted, Math.min(SAMPLE, wanted.size()));
  }

  /**
   * Nobody can act within the first blackout on purpose, and an application not within the second:
   * it stands. What a peer does while connections are given back comes before, in or after a
   * blackout.
   */
  private static boolean canBeTimed(MatrixScript.Act act) {
    return switch (act.moment()) {
      case BEFORE, HELD -> true;
      case TAKING_OVER -> false;
      case GIVING_BACK -> act.who() == Who.PEER;
    };
  }

  /**
   * A migration is over before a peer could act, or stop to lose the FIN that an application then
   * acts upon.
   */
  private static boolean needsNobodyMeanwhile(MatrixScript script) {
    return script.acts().stream()
        .noneMatch(
            act -> act.moment() != Moment.BEFORE && (act.who() == Who.PEER || script.losesFin()));
  }

  /**
   * Resumes the VM.
   *
   * @param givingBack is run when its connections are about to be given back
   */
  private MigrationReport resumed(KvmHost host, Runnable givingBack) {
    DaemonLog log = DaemonLog.fromNow(host);
    List<String> words = List.of("holdfast", "resume", "--json", vm.name());
    try (BackgroundCommand resume = host.start(words)) {
      assertThat(log.reaches("GIVING_BACK")).as("gives back").isTrue();
      givingBack.run();
      return Product.report(resume.result(RESUME_BOUND).orThrow());
    }
  }

  private static List<String> different(
      String how, List<MatrixScript> scripts, MatrixLab.Result expected, MatrixLab.Result seen) {
    List<String> different = new ArrayList<>();
    for (MatrixScript script : scripts) {
      MatrixLab.Seen without = expected.byName().get(script.toString());
      MatrixLab.Seen with = seen.byName().get(script.toString());
      if (with == null || !with.equals(without)) {
        different.add("%s, %s%n  without: %s%n  with:    %s".formatted(script, how, without, with));
      }
    }
    return different;
  }

  /**
   * The matrix shall not compare TCP with TCP: every connection of a script is managed, unless its
   * peer's act has ended it.
   */
  private static Stream<LedgerEntry> notManaged(MigrationReport report) {
    return report.getLedgerList().stream()
        .filter(
            entry ->
                entry.getId().getLocal().getPort() == MatrixLab.PORT
                    || entry.getId().getLocal().getPort() == MatrixLab.LOSSY_PORT)
        .filter(entry -> entry.getReason() != UnmanagedReason.UNMANAGED_REASON_TIME_WAIT)
        .filter(
            entry ->
                entry.getOutcome() != Outcome.OUTCOME_KEPT
                    && entry.getOutcome() != Outcome.OUTCOME_RESET_BY_PEER
                    && entry.getOutcome() != Outcome.OUTCOME_CLOSED_BY_PEER);
  }
}
