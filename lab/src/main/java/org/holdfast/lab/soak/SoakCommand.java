package org.holdfast.lab.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.holdfast.lab.Interruption;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.LabOptions;
import org.holdfast.lab.VirtualMachine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./lab.sh soak}. */
@Command(
    name = "soak",
    description = {
      "Migrates a VM to and fro under load while faults strike at random moments.",
      "Prints memory and descriptors of the daemons, the agent and QEMU as it goes on, and ends",
      "with one line that begins with SOAK; exit status 0 only if nothing was lost, corrupted or",
      "left behind, no migration failed without a fault and no application logged an error."
    },
    mixinStandardHelpOptions = true)
public final class SoakCommand implements Callable<Integer> {
  private static final String OWN_LAB = "soak";
  private static final int MOST_RANDOM_SEED = 1_000_000;

  @Option(
      names = "--migrations",
      paramLabel = "N",
      defaultValue = "20",
      description = "how many (default: ${DEFAULT-VALUE})")
  private int migrations;

  @Option(
      names = "--faults",
      paramLabel = "F",
      defaultValue = "10",
      description = "how many, N at most (default: ${DEFAULT-VALUE})")
  private int faults;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "decides which fault strikes when; printed (default: another each time)")
  private @Nullable Long seed;

  @Option(
      names = "--name",
      paramLabel = "LAB",
      description = "use this lab, which is up; without it one is made and removed")
  private String name = "";

  @Option(names = "--keep", description = "leave the VM, and the lab, as they are in the end")
  private boolean keep;

  @Override
  public Integer call() throws Exception {
    long chosen = seed != null ? seed : ThreadLocalRandom.current().nextInt(MOST_RANDOM_SEED);
    SoakPlan plan = SoakPlan.draw(migrations, faults, chosen);
    SoakLog out = new SoakLog(System.out);
    out.say("seed %d: %d migrations, %d faults", plan.seed(), migrations, faults);
    SoakVerdict verdict = name.isEmpty() ? inOwnLab(plan, out) : in(Lab.attach(name), plan, out);
    System.out.println(verdict.line());
    return verdict.clean() ? 0 : 1;
  }

  private SoakVerdict inOwnLab(SoakPlan plan, SoakLog out) throws Exception {
    Interruption interruption = new Interruption(() -> Lab.remove(OWN_LAB));
    boolean started = false;
    try {
      Lab lab = Lab.start(LabOptions.named(OWN_LAB).withProgress(System.err::println));
      started = true;
      return in(lab, plan, out);
    } catch (InterruptedException e) {
      throw new LabException("the soak was interrupted", e);
    } finally {
      interruption.workIsOver();
      if (started && !keep && !interruption.came()) {
        Lab.remove(OWN_LAB);
      }
    }
  }

  private SoakVerdict in(Lab lab, SoakPlan plan, SoakLog out) throws Exception {
    try (Soak soak = new Soak(lab, plan, out)) {
      SoakVerdict verdict = soak.run();
      if (!verdict.clean()) {
        saveLogs(lab, soak.vm(), plan, out);
      }
      if (!keep) {
        soak.vm().destroy();
      }
      return verdict;
    }
  }

  /** What a failure is explained from would go with the lab. */
  private static void saveLogs(Lab lab, VirtualMachine vm, SoakPlan plan, SoakLog out) {
    Path directory =
        Path.of(System.getProperty("holdfast.home", ".")).resolve("target/soak-" + plan.seed());
    try {
      Files.createDirectories(directory);
      for (KvmHost host : lab.hosts()) {
        Files.writeString(
            directory.resolve(host.name() + "-holdfastd.log"),
            host.exec("cat", "/var/log/holdfastd.log").stdout());
      }
      Files.writeString(directory.resolve("console.log"), vm.consoleLog());
      Files.writeString(
          directory.resolve("agent.log"),
          vm.exec("cat /var/log/holdfast-guest-agent.log").stdout());
      out.say("the logs of the daemons and of the agent are in %s", directory);
    } catch (IOException | LabException e) {
      out.complain("the logs could not be saved: " + e.getMessage());
    }
  }
}
