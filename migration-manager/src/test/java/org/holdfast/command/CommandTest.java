package org.holdfast.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.KeepPolicy;
import org.holdfast.api.Ledgers;
import org.holdfast.api.MemoryCopy;
import org.holdfast.api.MigrateCommand;
import org.holdfast.api.ResumeCommand;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.api.SuspendCommand;
import org.holdfast.api.TakeoverMoment;
import org.holdfast.daemon.DaemonFixture;
import org.holdfast.proto.v1.ListConnectionsResponse;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Phase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command against a real daemon: what it asks for, what it prints, how it exits. */
@Timeout(60)
class CommandTest {
  private static final String KVM2 = "qemu+tcp://kvm2/system";

  private final ScriptedEngine engine = new ScriptedEngine();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path directory;
  private DaemonFixture daemon;

  @BeforeEach
  void open() throws Exception {
    engine.domain("web");
    engine.script(
        "web",
        execution -> {
          execution.reach(Phase.PHASE_CONVERGE, 42.37);
          execution.succeed(Ledgers.report());
        });
    daemon = DaemonFixture.local(directory, engine);
  }

  @AfterEach
  void close() {
    daemon.close();
  }

  private int run(String... arguments) {
    List<String> line = new ArrayList<>(List.of("-c", "unix:" + daemon.socket()));
    line.addAll(List.of(arguments));
    return runAsIs(line.toArray(new String[0]));
  }

  private int runAsIs(String... arguments) {
    CommandLine command = HoldfastCommand.create();
    return command
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void migratePrintsLedgerAndTimelineAndExits0() {
    assertThat(run("migrate", "--live", "web", KVM2)).isZero();

    assertThat(out.toString())
        .startsWith("Domain 'web' migrated to " + KVM2)
        .contains(LedgerTable.render(Ledgers.report().getLedgerList()))
        .contains(TimelineTable.render(Ledgers.report()));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyOptionReachesTheEngine() {
    int status =
        run(
            "migrate",
            "--desturi",
            KVM2,
            "--p2p",
            "--live",
            "--persistent",
            "--undefinesource",
            "--bandwidth",
            "32",
            "--timeout",
            "90",
            "--takeover",
            "at-iteration",
            "3",
            "--max-brownout",
            "5",
            "--max-blackout",
            "40",
            "--auto-converge",
            "--compressed",
            "--connections",
            "require",
            "--destination-daemon",
            "kvm2:1234",
            "--domain",
            "web");

    assertThat(status).isZero();
    assertThat(engine.commands())
        .containsExactly(
            new MigrateCommand(
                "web",
                KVM2,
                KeepPolicy.REQUIRE,
                true,
                true,
                true,
                true,
                new MemoryCopy(32, Duration.ofSeconds(90), Duration.ofSeconds(5), true, true),
                new TakeoverMoment(TakeoverMoment.Kind.AT_ITERATION, 3),
                Duration.ofMillis(40),
                Optional.of("kvm2:1234")));
  }

  @Test
  void wordsMayBeMixedByOptionAndByPositionInAnyOrder() {
    assertThat(run("migrate", KVM2, "--domain", "web", "--live")).isZero();
    assertThat(run("suspend", "--connections", "off", "web")).isZero();
    assertThat(run("resume", "--domain", "web")).isZero();

    assertThat(engine.commands())
        .element(0)
        .satisfies(
            command -> assertThat(((MigrateCommand) command).destinationUri()).isEqualTo(KVM2));
    assertThat(engine.commands().subList(1, 3))
        .containsExactly(new SuspendCommand("web", KeepPolicy.OFF), new ResumeCommand("web"));
    assertThat(out.toString()).contains("Domain 'web' suspended").contains("Domain 'web' resumed");
  }

  @Test
  void jsonIsTheReportAndNothingElse() throws Exception {
    assertThat(run("migrate", "--json", "--verbose", "web", KVM2)).isZero();

    MigrationReport.Builder read = MigrationReport.newBuilder();
    JsonFormat.parser().merge(out.toString(), read);
    assertThat(read.build()).isEqualTo(Ledgers.report());
    assertThat(out.toString()).contains("\"blackout_takeover_micros\"");
  }

  @Test
  void verboseShowsProgressOnStderr() {
    assertThat(run("migrate", "--verbose", "web", KVM2)).isZero();

    assertThat(err.toString()).endsWith("\rMigration: [100.00 %]" + System.lineSeparator());
    assertThat(out.toString()).doesNotContain("Migration: [");
  }

  @Test
  void whyItTakesLongIsSaidOnce() {
    engine.script(
        "web",
        execution -> {
          execution.waitFor("The agent in domain web does not answer.");
          execution.waitFor("The agent in domain web does not answer.");
          execution.succeed(Ledgers.report());
        });

    assertThat(run("migrate", "web", KVM2)).isZero();

    assertThat(err.toString())
        .containsOnlyOnce("Waiting: The agent in domain web does not answer. It is tried again.");
  }

  @Test
  void validateSaysSoAndBeginsNothing() {
    assertThat(run("migrate", "--validate", "web", KVM2)).isZero();

    assertThat(out.toString())
        .isEqualTo(
            String.format(
                "Domain 'web' can be migrated to %s%n2 connections would be left to TCP.%n", KVM2));
    assertThat(engine.commands()).isEmpty();
  }

  @Test
  void aRefusalIsTwoLinesAndExit1() {
    engine.refuse(
        "web",
        new HoldfastException(
            ErrorCode.BRIDGE_MISSING_ON_TARGET, "Host kvm2 has no bridge br7.", "Make br7 there."));

    assertThat(run("migrate", "web", KVM2)).isEqualTo(1);

    assertThat(err.toString())
        .isEqualTo(String.format("error: Host kvm2 has no bridge br7.%nMake br7 there.%n"));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aFailureUnderWayStillPrintsWhatBecameOfTheConnections() {
    engine.script(
        "web",
        execution ->
            execution.fail(
                new HoldfastException(ErrorCode.MIGRATION_FAILED, "libvirt gave up.")
                    .withReport(Ledgers.report())));

    assertThat(run("migrate", "--verbose", "web", KVM2)).isEqualTo(1);

    assertThat(err.toString()).contains("error: libvirt gave up.").doesNotContain("100.00");
    assertThat(out.toString()).contains("10.0.0.9:51234").doesNotContain("migrated to");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "migrate                               | it needs <domain>",
        "migrate web                           | it needs <desturi>",
        "migrate web qemu+tcp://kvm2/system x  | unexpected data \"x\"",
        "migrate web uri --timeout 5           | --timeout needs --live",
        "migrate web uri --live --timeout -5   | --timeout is a number",
        "migrate web uri --bandwidth fast      | is not an int",
        "migrate web uri --bandwidth -1        | --bandwidth is a number",
        "migrate web uri --connections all     | \"all\" is none of require, best-effort, off",
        "migrate web uri --takeover soon       | \"soon\" is none of auto, early, late, at-iter",
        "migrate web uri --takeover at-iteration 0 | --takeover at-iteration takes a number from 1",
        "migrate web uri --max-brownout 5      | --max-brownout needs --live",
        "migrate web uri --max-blackout=-1     | --max-blackout is a number of milliseconds",
        "migrate web uri --live --postcopy     | --postcopy is not supported: ",
        "migrate web uri --live --parallel     | --parallel is not supported: ",
        "migrate web uri --frobnicate          | Unknown option",
        "suspend                               | it needs <domain>",
        "frobnicate                            | frobnicate",
        "migrate web kvm2                      | The destination URI \"kvm2\" names no host.",
        "suspend nobody                        | There is no domain \"nobody\" on this host.",
        "cancel none                           | There is no operation \"operations/none\"",
      })
  void misuseIsAnErrorInWordsAndExit1(String line, String complaint) {
    assertThat(run(line.split(" "))).isEqualTo(1);

    assertThat(err.toString()).startsWith("error: ").contains(complaint);
    assertThat(err.toString().lines()).hasSize(2);
    assertThat(out.toString()).isEmpty();
    assertThat(engine.commands()).isEmpty();
  }

  @Test
  void noVerbIsAnErrorToo() {
    assertThat(run()).isEqualTo(1);

    assertThat(err.toString()).startsWith("error: no verb was given");
  }

  @Test
  void aDaemonThatIsNotThereIsSaidInWords() {
    assertThat(runAsIs("-c", "unix:" + directory.resolve("none"), "status")).isEqualTo(1);
    assertThat(runAsIs("status", "--connect", "qemu:///system")).isEqualTo(1);

    assertThat(err.toString())
        .contains("error: There is no daemon at unix:" + directory.resolve("none"))
        .contains("is no daemon's address");
  }

  @Test
  void aSocketNobodyServesIsSaidInWords() throws Exception {
    Path dead = directory.resolve("dead");
    java.nio.channels.ServerSocketChannel server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX);
    server.bind(java.net.UnixDomainSocketAddress.of(dead));
    server.close();

    assertThat(runAsIs("-c", dead.toString(), "operations")).isEqualTo(1);

    assertThat(err.toString())
        .contains("error: The daemon at unix:" + dead + " does not answer: ")
        .contains("Connection refused");
  }

  @Test
  void connectionsAreListedPageByPage() throws Exception {
    engine.connections(Ledgers.many(1100));

    assertThat(run("connections", "web")).isZero();
    assertThat(out.toString()).contains("1100 connections: 1100 kept.").contains("10.0.0.9:21099");

    out.getBuffer().setLength(0);
    assertThat(run("connections", "--json", "web")).isZero();
    ListConnectionsResponse.Builder read = ListConnectionsResponse.newBuilder();
    JsonFormat.parser().merge(out.toString(), read);
    assertThat(read.getConnectionsList()).isEqualTo(Ledgers.many(1100));
  }

  @Test
  void operationsStatusAndVersionSayWhatThereIs() {
    engine.domain("db");
    engine.script("db", execution -> execution.reach(Phase.PHASE_HOLD, 50));
    assertThat(run("migrate", "web", KVM2)).isZero();
    Thread holding =
        new Thread(
            () ->
                HoldfastCommand.create()
                    .execute("-c", daemon.socket().toString(), "suspend", "db"));
    holding.setDaemon(true);
    holding.start();
    awaitCommands(2);
    out.getBuffer().setLength(0);

    assertThat(run("operations")).isZero();
    assertThat(out.toString().lines())
        .hasSize(4)
        .anySatisfy(line -> assertThat(line).contains("suspend").contains("under way"))
        .anySatisfy(line -> assertThat(line).contains("migrate").contains("well"));
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .contains("Health:      SERVING")
        .contains("Version:     0.")
        .contains("Under way:   1 operation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version", "-v"})
  void theVersionIsFoundWhereItIsLookedFor(String word) {
    assertThat(run(word)).isZero();
    assertThat(out.toString()).startsWith("holdfast 0.");
  }

  @Test
  void cancelRollsBackFromAnotherTerminal() throws Exception {
    engine.script("web", execution -> execution.reach(Phase.PHASE_CONVERGE, 10));
    StringWriter elsewhere = new StringWriter();
    List<Integer> status = new ArrayList<>();
    Thread migrating =
        new Thread(
            () ->
                status.add(
                    HoldfastCommand.create()
                        .setOut(new PrintWriter(elsewhere))
                        .setErr(new PrintWriter(elsewhere))
                        .execute("-c", daemon.socket().toString(), "migrate", "web", KVM2)));
    migrating.start();
    String name = "operations/" + engine.next().migrationId();

    assertThat(run("cancel", name)).isZero();
    migrating.join();

    assertThat(out.toString()).contains("Operation " + name + " cancelled and rolled back");
    assertThat(status).containsExactly(1);
    assertThat(elsewhere.toString()).contains("error: The operation on domain web was cancelled.");
    assertThat(run("cancel", name)).isZero();
  }

  private void awaitCommands(int count) {
    for (int attempt = 0; attempt < 200 && engine.commands().size() < count; attempt++) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
    }
    assertThat(engine.commands()).hasSize(count);
  }

  @Test
  void helpIsOnStdoutAndExits0() {
    assertThat(runAsIs("--help")).isZero();
    assertThat(runAsIs("help", "migrate")).isZero();
    assertThat(runAsIs("migrate", "--help")).isZero();

    assertThat(out.toString()).contains("--undefinesource").doesNotContain("warm-up");
    assertThat(err.toString()).isEmpty();
  }
}
