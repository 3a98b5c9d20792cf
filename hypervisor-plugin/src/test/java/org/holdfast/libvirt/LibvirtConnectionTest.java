package org.holdfast.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.libvirt.LibvirtFailure.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against libvirt's own test driver, which is a whole hypervisor inside the client library. */
@Timeout(30)
final class LibvirtConnectionTest {
  private static final String URI = "test:///default";

  private final LibvirtConnection connection = LibvirtConnection.open(URI);

  /** The driver's one domain outlives a connection while anybody refers to it. */
  @AfterEach
  void leaveRunningAndClose() {
    VirtualMachine machine = connection.lookup("test");
    if (!machine.state().isRunning()) {
      machine.resume();
    }
    connection.close();
  }

  @Test
  void aDomainIsFoundByNameByIdAndByUuid() {
    VirtualMachine machine = connection.lookup("test");
    assertThat(machine.name()).isEqualTo("test");
    int id = machine.describe().id().orElseThrow();
    assertThat(connection.lookup(Integer.toString(id)).uuid()).isEqualTo(machine.uuid());
    assertThat(connection.lookup(machine.uuid().toString()).name()).isEqualTo("test");
    assertThat(connection.find(machine.uuid())).isPresent();
    assertThat(connection.activeMachines()).extracting(VirtualMachine::name).contains("test");
    assertThat(machine.describe().memoryBytes()).isEqualTo(8L << 30);
    assertThat(connection.isAlive()).isTrue();
    assertThat(connection.hostName()).isNotEmpty();
  }

  @Test
  void anUnknownDomainIsSaidToBeUnknown() {
    for (String name : List.of("nobody", "4711", "-1", "00000000-0000-0000-0000-00000000000g")) {
      assertThatThrownBy(() -> connection.lookup(name))
          .isInstanceOfSatisfying(
              LibvirtFailure.class,
              failure -> {
                assertThat(failure.code()).isEqualTo(Code.NO_DOMAIN);
                assertThat(failure).hasMessageContaining("'" + name + "'");
              });
    }
    assertThat(connection.find(UUID.randomUUID())).isEmpty();
  }

  @Test
  void anUnreachableLibvirtIsSaidToBeUnreachable() {
    failure(Code.NO_CONNECT, () -> LibvirtConnection.open("qemu+unix:///system?socket=/none"));
  }

  @Test
  void suspendAndResumeChangeTheStateAndAreReported() throws Exception {
    BlockingQueue<LifecycleEvent> events = new LinkedBlockingQueue<>();
    VirtualMachine machine = connection.lookup("test");
    try (LifecycleEvents.Subscription failing =
            connection
                .events()
                .subscribe(
                    event -> {
                      throw new IllegalStateException("a listener's fault");
                    });
        LifecycleEvents.Subscription subscription = connection.events().subscribe(events::add)) {
      assertThat(failing).isNotNull();
      assertThat(subscription).isNotNull();
      assertThat(machine.state().isRunning()).isTrue();
      machine.suspend();
      LifecycleEvent suspended = next(events);
      assertThat(suspended.detail()).isEqualTo(LifecycleDetail.SUSPENDED_PAUSED);
      assertThat(suspended.domain()).isEqualTo(machine.uuid());
      assertThat(suspended.domainName()).isEqualTo("test");
      assertThat(machine.state().kind()).isEqualTo(DomainState.Kind.PAUSED);
      assertThat(machine.state().pauseReason()).isEqualTo(DomainState.PauseReason.USER);
      machine.resume();
      assertThat(next(events).detail()).isEqualTo(LifecycleDetail.RESUMED_UNPAUSED);
      assertThat(machine.state().isRunning()).isTrue();
    }
  }

  @Test
  void whatSomebodyElseHasResumedIsNotRefused() {
    VirtualMachine machine = connection.lookup("test");

    machine.resume();

    assertThat(machine.state().isRunning()).isTrue();
  }

  @Test
  void anEndedSubscriptionHearsNothing() throws Exception {
    BlockingQueue<LifecycleEvent> events = new LinkedBlockingQueue<>();
    connection.events().subscribe(events::add).close();
    BlockingQueue<LifecycleEvent> witness = new LinkedBlockingQueue<>();
    try (LifecycleEvents.Subscription subscription = connection.events().subscribe(witness::add)) {
      assertThat(subscription).isNotNull();
      connection.lookup("test").suspend();
      next(witness);
      assertThat(events).isEmpty();
    }
  }

  @Test
  void whatIsRefusedIsSaidInLibvirtsWords() {
    VirtualMachine machine = connection.lookup("test");
    machine.suspend();
    assertThatThrownBy(machine::suspend)
        .isInstanceOf(LibvirtFailure.class)
        .hasMessageStartingWith("cannot suspend domain test: ")
        .hasMessageContaining("not running");
  }

  @Test
  void whatTheDriverLacksIsSaid() {
    VirtualMachine machine = connection.lookup("test");
    failure(Code.NO_SUPPORT, () -> machine.setMaxSpeed(4));
    failure(Code.NO_SUPPORT, machine::maxSpeed);
    failure(Code.NO_SUPPORT, machine::maxDowntime);
    failure(Code.NO_SUPPORT, () -> machine.setMaxDowntime(Duration.ofMillis(1)));
    failure(Code.NO_SUPPORT, machine::abortJob);
  }

  @Test
  void everyThreadGetsItsOwnError() throws Exception {
    VirtualMachine machine = connection.lookup("test");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Code>> calls =
          IntStream.range(0, 800)
              .mapToObj(
                  number ->
                      (Callable<Code>)
                          () ->
                              number % 2 == 0
                                  ? codeOf(() -> connection.lookup("nobody"))
                                  : codeOf(() -> machine.setMaxSpeed(1)))
              .toList();
      List<Future<Code>> codes = threads.invokeAll(calls);
      for (int number = 0; number < codes.size(); number++) {
        assertThat(codes.get(number).get())
            .isEqualTo(number % 2 == 0 ? Code.NO_DOMAIN : Code.NO_SUPPORT);
      }
    } finally {
      threads.shutdown();
    }
  }

  private static Code codeOf(Runnable call) {
    try {
      call.run();
      throw new AssertionError("it succeeded");
    } catch (LibvirtFailure failure) {
      return failure.code();
    }
  }

  private static LifecycleEvent next(BlockingQueue<LifecycleEvent> events)
      throws InterruptedException {
    LifecycleEvent event = events.poll(5, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event within 5 s");
    }
    return event;
  }

  private static void failure(Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LibvirtFailure.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
