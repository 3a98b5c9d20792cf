package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.libvirt.DomainEventListener;
import org.holdfast.libvirt.JobStatistics;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.LifecycleDetail;
import org.holdfast.libvirt.LifecycleEvent;
import org.holdfast.libvirt.LifecycleEvents.Subscription;
import org.holdfast.libvirt.MigrationParameters;
import org.holdfast.libvirt.VirtualMachine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's migration job of one domain: runs the blocking call on a thread of its own, and holds
 * the switchover back until it may come.
 */
final class MigrationJob implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MigrationJob.class);

  /** With this little QEMU does not switch over while a page is dirty. */
  private static final Duration HELD_BACK = Duration.ofMillis(1);

  /** QEMU's own default. */
  private static final Duration LET_GO = Duration.ofMillis(300);

  /** QEMU reckons anew every 100 ms. */
  private static final Duration AT_ONCE = Duration.ofMillis(150);

  /** QEMU takes no more. */
  private static final Duration LONGEST = Duration.ofSeconds(2000);

  private static final Duration BETWEEN_ABORTS = Duration.ofMillis(500);

  /** A crawl: what is left of a pass outlasts a takeover. */
  private static final long SLOWEST_MEBIBYTES_PER_SECOND = 1;

  /** libvirt's way to say "as fast as it goes": INT64_MAX bytes/s in MiB/s. */
  private static final long UNLIMITED_MEBIBYTES_PER_SECOND = Long.MAX_VALUE >> 20;

  private final VirtualMachine machine;
  private final MigrationParameters parameters;
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> switchedOver = new CompletableFuture<>();
  private final CompletableFuture<JobStatistics> statistics = new CompletableFuture<>();
  private final Subscription subscription;
  private volatile boolean started;
  private long fastestBytesPerSecond;
  private Optional<Limits> limitsBefore = Optional.empty();
  private boolean crawls;
  private boolean slowed;

  MigrationJob(LibvirtConnection libvirt, VirtualMachine machine, MigrationParameters parameters) {
    this.machine = machine;
    this.parameters = parameters;
    this.subscription = libvirt.events().subscribe(new Watcher(machine.uuid()));
  }

  /** Begins the job, with the switchover held back if {@code heldBack}. */
  void start(boolean heldBack) {
    if (heldBack) {
      holdBack();
    }
    started = true;
    Thread thread = new Thread(this::migrate, "migrate-" + machine.name());
    thread.start();
  }

  private void migrate() {
    try {
      machine.migrate(parameters);
      ended.complete(null);
    } catch (RuntimeException failure) {
      ended.completeExceptionally(failure);
    }
  }

  /**
   * QEMU keeps the limit from one migration to the next, so it can be set before the job begins,
   * and is set back if the domain stays.
   */
  private void holdBack() {
    adjust(
        () -> {
          limitsBefore = Optional.of(new Limits(machine.maxDowntime(), machine.maxSpeed()));
          machine.setMaxDowntime(HELD_BACK);
        });
  }

  /**
   * Where an earlier daemon has held a job back: what the operator had allowed before, nobody knows
   * any more, so QEMU's own default.
   */
  static void forgetHoldBack(VirtualMachine machine) {
    try {
      if (machine.maxDowntime().equals(HELD_BACK)) {
        machine.setMaxDowntime(LET_GO);
      }
    } catch (LibvirtFailure failure) {
      log.info("{}: its limits cannot be changed: {}", machine.name(), failure.getMessage());
    }
  }

  /**
   * The domain stayed: what an operator had allowed holds again.
   *
   * @param machine the same domain, asked of libvirt anew: libvirtd may be another one
   */
  void restoreLimits(VirtualMachine machine) {
    limitsBefore.ifPresent(
        limits ->
            adjust(
                () -> {
                  machine.setMaxDowntime(limits.downtime());
                  machine.setMaxSpeed(limits.mebibytesPerSecond());
                }));
  }

  /** The job now; empty if it tells nothing. */
  Optional<JobStatistics> look() {
    try {
      Optional<JobStatistics> now = machine.jobStatistics();
      now.filter(statistics -> !crawls)
          .ifPresent(
              statistics ->
                  fastestBytesPerSecond =
                      Math.max(fastestBytesPerSecond, statistics.memoryBytesPerSecond()));
      return now;
    } catch (LibvirtFailure gone) {
      return Optional.empty();
    }
  }

  /**
   * Has memory sent no faster than this, nor than the operator allows.
   *
   * @param bytesPerSecond most; QEMU is told in whole MiB/s
   */
  void slowTo(long bytesPerSecond) {
    long wanted = Math.max(1, bytesPerSecond >> 20);
    if (wanted < allowedMebibytesPerSecond()) {
      adjust(() -> machine.setMaxSpeed(wanted));
      slowed = true;
    }
  }

  /** As fast as the operator allows, if it was slower. */
  void goOn() {
    if (slowed) {
      adjust(() -> machine.setMaxSpeed(allowedMebibytesPerSecond()));
      slowed = false;
    }
  }

  private long allowedMebibytesPerSecond() {
    long bandwidth = parameters.bandwidthMebibytesPerSecond();
    return bandwidth > 0 ? bandwidth : UNLIMITED_MEBIBYTES_PER_SECOND;
  }

  /** Slows the job to a crawl, so that it does not end while the connections are taken over. */
  void crawl() {
    crawls = true;
    adjust(
        () -> {
          machine.setMaxSpeed(SLOWEST_MEBIBYTES_PER_SECOND);
          machine.setMaxDowntime(HELD_BACK);
        });
  }

  /**
   * Lets QEMU switch over: at once, if what is left passes in the downtime it may take; otherwise
   * it goes on as fast as the operator allows.
   */
  void letGo() throws InterruptedException {
    if (crawls && switchesOverAtOnce()) {
      return;
    }
    adjust(
        () -> {
          machine.setMaxDowntime(LET_GO);
          machine.setMaxSpeed(allowedMebibytesPerSecond());
        });
  }

  /**
   * QEMU reckons how long the rest takes at the rate of the last 100 ms, which was a crawl, and
   * sends it as fast as it can: so it is given as much longer as it is going to be faster.
   */
  private boolean switchesOverAtOnce() throws InterruptedException {
    long times = fastestBytesPerSecond / (SLOWEST_MEBIBYTES_PER_SECOND << 20);
    Duration reckoned = LET_GO.multipliedBy(Math.max(1, times));
    adjust(() -> machine.setMaxDowntime(reckoned.compareTo(LONGEST) < 0 ? reckoned : LONGEST));
    try {
      switchedOver.get(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void adjust(Runnable change) {
    try {
      change.run();
    } catch (LibvirtFailure failure) {
      // The job may have ended this very moment; how it ended is told by its own answer.
      log.info("{}: the job's pace cannot be changed: {}", machine.name(), failure.getMessage());
    }
  }

  /** Completes when QEMU has stopped the processors for the last pages. */
  CompletableFuture<@Nullable Void> switchedOver() {
    return switchedOver;
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  /**
   * Waits for the end of libvirt's call.
   *
   * @return whether it has ended
   * @throws LibvirtFailure if the domain stayed here
   */
  boolean awaitEnd(Duration bound) throws InterruptedException {
    try {
      ended.get(bound.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  void abort() {
    try {
      machine.abortJob();
    } catch (LibvirtFailure tooLate) {
      log.info("{}: the job cannot be aborted: {}", machine.name(), tooLate.getMessage());
    }
  }

  /**
   * Cancels it, if it has begun, and waits for its end.
   *
   * @return whether the domain stayed here
   */
  boolean callOff(Duration bound) throws InterruptedException {
    if (!started) {
      return true;
    }
    long deadline = System.nanoTime() + bound.toNanos();
    try {
      boolean over;
      do {
        abort(); // libvirt may not have begun yet
        over = awaitEnd(BETWEEN_ABORTS);
      } while (!over && System.nanoTime() < deadline);
      return !over;
    } catch (LibvirtFailure stayed) {
      return true;
    }
  }

  /** QEMU's own downtime, once the job is over. */
  Optional<Duration> downtime() {
    return statistics.isDone() ? statistics.join().downtime() : Optional.empty();
  }

  @Override
  public void close() {
    subscription.close();
  }

  /** What an operator lets every migration of the domain do. */
  private record Limits(Duration downtime, long mebibytesPerSecond) {}

  private final class Watcher implements DomainEventListener {
    private final UUID domain;

    private Watcher(UUID domain) {
      this.domain = domain;
    }

    @Override
    public void lifecycle(LifecycleEvent event) {
      if (event.domain().equals(domain) && event.detail() == LifecycleDetail.SUSPENDED_MIGRATED) {
        switchedOver.complete(null);
      }
    }

    @Override
    public void jobCompleted(UUID uuid, JobStatistics completed, long nanoTime) {
      if (uuid.equals(domain)) {
        statistics.complete(completed);
      }
    }
  }
}
