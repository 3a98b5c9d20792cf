package org.holdfast.lab.soak;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.fault.GuestCrash;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.fault.StruckMigration;
import org.holdfast.lab.fault.StruckMigration.Strike;
import org.holdfast.lab.workload.LoadException;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;

/**
 * One VM under load, which migrates to and fro while faults strike. After each migration it must
 * run in exactly one place, all connections must go on and nothing may be left on the hosts.
 *
 * <p>The same connections live through all of the run. Only where the guest's kernel panics because
 * its processor is emulated ({@link GuestCrash}) others must take their place.
 */
final class Soak implements AutoCloseable {
  private static final String VM = "soak";
  private static final int FIGURES_EVERY = 20;

  /** By then each daemon has been source and target, and has opened what it keeps. */
  private static final int WARM_UP = 2;

  private final Lab lab;
  private final SoakPlan plan;
  private final SoakLog out;
  private final Tally tally = new Tally();
  private final DescriptorTrend descriptors = new DescriptorTrend();

  /** Faults whose turn has come: one that missed its moment waits for the next free migration. */
  private final Deque<Strike> due = new ArrayDeque<>();

  private final Leftovers leftovers;
  private VirtualMachine vm;
  private LoadRun load;
  private Losses losses = new Losses();

  /** Boots the VM and connects the clients. */
  Soak(Lab lab, SoakPlan plan, SoakLog out) {
    this.lab = lab;
    this.plan = plan;
    this.out = out;
    lab.destroyLeftOver(VM);
    lab.hosts().forEach(Daemons::awaitRehearsed);
    this.vm = startVm();
    this.leftovers = new Leftovers(HostFootprint.withoutVms(lab));
    this.load = startLoad();
  }

  private VirtualMachine startVm() {
    out.say("booting the VM");
    return lab.startVm(VmOptions.named(VM)).awaitReady();
  }

  private LoadRun startLoad() {
    LoadOptions options = LoadOptions.everything();
    LoadRun started = LoadRun.start(lab, vm, options);
    tally.opened(options.connections());
    out.say("%d connections stand", started.standing());
    return started;
  }

  /** The VM, for whoever wants to look at it when all is over. */
  VirtualMachine vm() {
    return vm;
  }

  /** Runs it to its end, or to where it cannot go on: that is one of the verdict's problems. */
  SoakVerdict run() throws Exception {
    try {
      figures("at the beginning");
      for (int number = 1; number <= plan.migrations(); number++) {
        plan.strike(number).ifPresent(due::add);
        migrate(number);
        checkHosts();
        if (number == WARM_UP || number % FIGURES_EVERY == 0) {
          countDescriptors(figures("after migration " + number));
        }
      }
      due.forEach(strike -> out.say("%s found no moment", strike.fault()));
      endLoad();
      countDescriptors(figures("at the end"));
    } catch (LabException | LoadException broken) {
      if (Thread.currentThread().isInterrupted()) {
        throw broken;
      }
      problem("the soak cannot go on: " + broken.getMessage());
    }
    judgeDescriptors();
    return tally.verdict();
  }

  private void migrate(int number) throws Exception {
    Optional<Strike> strike = Optional.ofNullable(due.poll());
    String name = "migration " + number;
    try {
      StruckMigration.Outcome outcome =
          load.phase(name, () -> StruckMigration.run(lab, vm, strike));
      tally.migrated(outcome.moved(), outcome.struck());
      out.say("%s of %d, %s", name, plan.migrations(), MigrationWords.of(outcome, strike));
      if (!outcome.struck()) {
        strike.ifPresent(due::addFirst);
        judgeUndisturbed(name, outcome);
      }
    } catch (LabException broken) {
      if (Thread.currentThread().isInterrupted()) {
        throw broken;
      }
      if (replacedAfterPanic()) {
        return;
      }
      tell(losses.news(load.settle()));
      throw broken;
    }
    Losses.News news = losses.news(load.settle());
    if (news.none() || !replacedAfterPanic()) {
      tell(news);
    }
    out.say("  %d connections stand", load.standing());
  }

  /** Where nothing struck there is no reason not to arrive. */
  private void judgeUndisturbed(String name, StruckMigration.Outcome outcome) {
    if (!outcome.moved() || !outcome.said().succeeded()) {
      problem(name + " failed, and no fault had struck it: " + outcome.words());
    }
  }

  private void tell(Losses.News news) {
    news.lines().forEach(out::complain);
    tally.add(news);
  }

  /** If the guest's kernel crashed there is nothing left to judge: others take its place. */
  private boolean replacedAfterPanic() {
    if (!GuestCrash.happened(lab)) {
      return false;
    }
    out.complain("the guest's kernel crashed on its emulated processor: beginning with another");
    load.close();
    vm.destroy();
    vm = startVm();
    losses = new Losses();
    load = startLoad();
    return true;
  }

  private void checkHosts() {
    lab.hosts().forEach(this::awaitRehearsed);
    try {
      Waiting.until(
          StruckMigration.SETTLED_BOUND,
          "nothing to be left on either host",
          () -> leftovers.none(HostFootprint.withoutVms(lab)));
    } catch (LabException left) {
      if (Thread.currentThread().isInterrupted()) {
        throw left;
      }
      List<String> news = leftovers.news(HostFootprint.withoutVms(lab));
      news.forEach(out::complain);
      tally.leaked(news.size());
    }
  }

  /** Both sides compare what they sent and received; what broke unseen is seen now. */
  private void endLoad() {
    LoadVerdict verdict = load.stop();
    tell(losses.news(verdict));
    verdict.failures().forEach(words -> problem("a client failed of itself: " + words));
    verdict.guestErrors().forEach(words -> problem("in the guest, " + words));
  }

  private List<ProcessFigure> figures(String when) {
    List<ProcessFigure> figures = ProcessFigure.all(lab, vm);
    out.say("figures %s:", when);
    figures.forEach(figure -> out.say("  %s", figure.words()));
    if (figures.size() < ProcessFigure.PROCESSES) {
      problem("not all processes were there " + when);
    }
    return figures;
  }

  /** A daemon that a fault replaced has a namespace and more descriptors while it rehearses. */
  private void awaitRehearsed(KvmHost host) {
    try {
      Daemons.awaitRehearsed(host);
    } catch (LabException never) {
      if (Thread.currentThread().isInterrupted()) {
        throw never;
      }
      out.complain("not settled: " + never.getMessage());
    }
  }

  private void countDescriptors(List<ProcessFigure> figures) {
    figures.forEach(figure -> descriptors.add(figure.process(), figure.descriptors()));
  }

  private void judgeDescriptors() {
    for (Map.Entry<String, Long> leak : descriptors.leaks().entrySet()) {
      out.complain("LEAK: %s has %d descriptors more".formatted(leak.getKey(), leak.getValue()));
      tally.leaked(leak.getValue());
    }
  }

  private void problem(String words) {
    out.complain("PROBLEM: " + words);
    tally.problem(words);
  }

  /** Ends the clients, if they still run; the VM stays. */
  @Override
  public void close() {
    load.close();
  }
}
