package org.holdfast.lab.endtoend;

import java.time.Duration;
import java.util.Optional;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.LabOptions;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.GuestCrash;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Gives tests the one lab all of them share, and a VM that serves there, on either host: most need
 * no more, and booting one takes long. The lab is started when the first test asks for it and
 * removed after the last; what a killed test run has left, the next one removes. Who has a lab up
 * names it by the property {@code holdfast.lab}: it is used as it is, and left.
 *
 * <p>A test whose guest's kernel has crashed on an emulated processor is aborted: there is no guest
 * left to judge ({@link GuestCrash} tells more). {@code ./test} runs it again. Any other that fails
 * has the hosts' last words in its trace.
 */
final class LabExtension
    implements ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final Namespace NAMESPACE = Namespace.create(LabExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Lab.class
        || parameter.getParameter().getType() == VirtualMachine.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    SharedLab shared =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent("lab", key -> SharedLab.any(), SharedLab.class);
    return parameter.getParameter().getType() == Lab.class ? shared.lab : shared.vm();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw judged(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw judged(context, failure);
  }

  private static Throwable judged(ExtensionContext context, Throwable failure) {
    SharedLab shared = context.getRoot().getStore(NAMESPACE).get("lab", SharedLab.class);
    if (shared == null || failure instanceof TestAbortedException) {
      return failure;
    }
    if (GuestCrash.happened(shared.lab)) {
      // summary.py knows by these words which tests to run again.
      return new TestAbortedException(
          "the guest's kernel crashed after a migration on an emulated processor", failure);
    }
    failure.addSuppressed(LastWords.of(shared.lab));
    return failure;
  }

  private static final class SharedLab implements AutoCloseable {
    private static final String PREFIX = "test-";
    private static final String VM = "guest";
    private static final Duration ANSWER_BOUND = Duration.ofSeconds(20);

    private final Lab lab;
    private final Optional<Thread> atExit;
    private Optional<VirtualMachine> vm = Optional.empty();

    private SharedLab(Lab lab, Optional<Thread> atExit) {
      this.lab = lab;
      this.atExit = atExit;
    }

    /** What a test has done to the last one does not matter as long as it serves. */
    private VirtualMachine vm() {
      Optional<VirtualMachine> serving = vm.filter(SharedLab::serves);
      if (serving.isEmpty()) {
        lab.destroyLeftOver(VM);
        vm = Optional.of(lab.startVm(VmOptions.named(VM)));
        vm.get().awaitReady();
      }
      return vm.get();
    }

    private static boolean serves(VirtualMachine vm) {
      try {
        return vm.runsInOnePlace() && vm.exec(ANSWER_BOUND, "true").succeeded();
      } catch (LabException hangs) {
        return false;
      }
    }

    static SharedLab any() {
      String up = System.getProperty("holdfast.lab", "");
      return up.isEmpty() ? started() : new SharedLab(Lab.attach(up), Optional.empty());
    }

    private static SharedLab started() {
      removeAbandoned();
      String name = PREFIX + ProcessHandle.current().pid();
      Thread atExit = new Thread(() -> Lab.remove(name), "remove lab " + name);
      Runtime.getRuntime().addShutdownHook(atExit);
      Lab lab = Lab.start(LabOptions.named(name).withProgress(System.out::println));
      return new SharedLab(lab, Optional.of(atExit));
    }

    /** Labs of test runs that were killed before they could remove them. */
    private static void removeAbandoned() {
      for (String name : Lab.running()) {
        if (name.matches(PREFIX + "\\d+")
            && ProcessHandle.of(Long.parseLong(name.substring(PREFIX.length()))).isEmpty()) {
          Lab.remove(name);
        }
      }
    }

    @Override
    public void close() {
      TakenTransitions.note(lab);
      vm.ifPresent(VirtualMachine::destroy);
      atExit.ifPresent(
          thread -> {
            lab.close();
            Runtime.getRuntime().removeShutdownHook(thread);
          });
    }
  }
}
