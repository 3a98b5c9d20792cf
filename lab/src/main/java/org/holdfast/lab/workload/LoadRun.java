package org.holdfast.lab.workload;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;

/**
 * All clients against one VM, from their connecting to their verdict.
 *
 * <pre>{@code
 * LoadRun run = LoadRun.start(lab, vm, LoadOptions.everything());
 * run.phase("migration", () -> kvm1.holdfast("migrate", ...));
 * LoadVerdict verdict = run.stop();
 * }</pre>
 */
public final class LoadRun implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration COMMAND_BOUND = Duration.ofSeconds(30);
  private static final Duration END_BOUND = Duration.ofSeconds(60);
  private static final Duration STEADY = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** After this long with nothing received a connection is called silent. */
  public static final Duration RECOVERY_BOUND = Duration.ofSeconds(40);

  private final LoadSite site;
  private final LoadOptions options;
  private final GuestLogs guestLogs;
  private final EventLog log = new EventLog();
  private final List<Phase> phases = new ArrayList<>();
  private long bytesRead;
  private boolean stopped;

  private LoadRun(LoadSite site, LoadOptions options) {
    this.site = site;
    this.options = options;
    this.guestLogs = new GuestLogs(site);
  }

  /**
   * Starts the clients in the lab's peer and returns when all are connected and served.
   *
   * @throws LoadException if that does not come about within a minute
   */
  public static LoadRun start(Lab lab, VirtualMachine vm, LoadOptions options) {
    return start(new LabSite(lab, vm), options);
  }

  /** The same anywhere else. */
  public static LoadRun start(LoadSite site, LoadOptions options) {
    String start = Programs.startServer(site);
    CommandResult server = site.guest(START_BOUND, start);
    if (!server.succeeded()) {
      throw new LoadException(LoadException.Code.SERVER_NOT_STARTED, server.describe());
    }
    LoadRun run = new LoadRun(site, options);
    try {
      site.peer(COMMAND_BOUND, Programs.startClients(site, options)).orThrow();
      run.awaitConnected();
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
    return run;
  }

  private void awaitConnected() {
    Instant deadline = Instant.now().plus(START_BOUND);
    while (log.histories().size() < options.connections()) {
      pause();
      read();
      boolean failed = !log.failures().isEmpty() || log.allEnded();
      if (failed || Instant.now().isAfter(deadline)) {
        String said = site.peer(COMMAND_BOUND, "cat " + site.directory() + "/load.out").stdout();
        throw new LoadException(
            LoadException.Code.CLIENTS_NOT_CONNECTED,
            "only %d of %d clients are connected: %s %s"
                .formatted(log.histories().size(), options.connections(), log.failures(), said));
      }
    }
    awaitReceiptAfter(Instant.now().plus(STEADY), START_BOUND);
  }

  /**
   * Runs an operation and judges what it does to the connections. When it has returned, waits until
   * every connection still standing has received something again, {@link #RECOVERY_BOUND} at most.
   *
   * @param name of the phase, unique in the run
   * @param operation what is to be judged
   * @return what the operation returned
   * @throws Exception what the operation threw; the phase is recorded all the same
   */
  public <T> T phase(String name, Callable<T> operation) throws Exception {
    Instant start = Instant.now();
    T result;
    try {
      result = operation.call();
    } catch (InterruptedException e) {
      throw e; // nobody waits for a verdict
    } catch (Exception e) {
      conclude(name, start);
      throw e;
    }
    conclude(name, start);
    return result;
  }

  private void conclude(String name, Instant start) {
    Instant operationEnd = Instant.now();
    awaitReceiptAfter(operationEnd, RECOVERY_BOUND);
    phases.add(new Phase(name, start, operationEnd, Instant.now()));
  }

  private void awaitReceiptAfter(Instant time, Duration bound) {
    Instant deadline = time.plus(bound);
    do {
      pause();
      read();
    } while (waiting(time) && Instant.now().isBefore(deadline));
  }

  private boolean waiting(Instant time) {
    return log.histories().stream()
        .filter(history -> history.openAt(Instant.now()))
        .anyMatch(history -> !history.lastReceipt().isAfter(time));
  }

  /**
   * Judges the phases since the last call, while the load goes on, and forgets them: neither this
   * process nor the peer then grows with the length of a run. Losses and wrong bytes are those of
   * the whole run; what the guest logged is left out.
   */
  public LoadVerdict settle() {
    read();
    LoadVerdict verdict = LoadVerdict.of(phases, log, List.of());
    phases.clear();
    log.forgetProgress();
    // The clients go on writing behind a hole. A file system that knows no holes keeps the lines.
    site.peer(
        COMMAND_BOUND,
        "fallocate --punch-hole --offset 0 --length %d %s/events"
            .formatted(bytesRead, site.directory()));
    return verdict;
  }

  /** How many connections stand right now, for a progress line. */
  public long standing() {
    read();
    Instant now = Instant.now();
    return log.histories().stream().filter(history -> history.openAt(now)).count();
  }

  /**
   * Ends all connections in good order, both sides comparing what they sent and received, and
   * judges.
   *
   * @throws LoadException if the clients do not end within a minute
   */
  public LoadVerdict stop() {
    List<GuestLog> guest = new ArrayList<>(guestLogs.applications());
    signal("TERM").orThrow();
    Instant deadline = Instant.now().plus(END_BOUND);
    while (!log.allEnded()) {
      if (Instant.now().isAfter(deadline)) {
        throw new LoadException(
            LoadException.Code.CLIENTS_NOT_ENDED, "clients still run after " + END_BOUND);
      }
      pause();
      read();
    }
    stopped = true;
    guest.add(guestLogs.streamServer());
    return LoadVerdict.of(phases, log, guest);
  }

  /** Ends the clients, in good order or not; does nothing after {@link #stop()}. */
  @Override
  public void close() {
    if (!stopped) {
      stopped = true;
      signal("KILL");
    }
  }

  private CommandResult signal(String signal) {
    // TERM goes to the first process, which tells its children; KILL to all of the group.
    String group = signal.equals("KILL") ? "-" : "";
    String kill = "kill -%s %s$(cat %s/load.pid)".formatted(signal, group, site.directory());
    return site.peer(COMMAND_BOUND, kill);
  }

  private void read() {
    String fresh =
        site.peer(COMMAND_BOUND, "tail -c +" + (bytesRead + 1) + " " + site.directory() + "/events")
            .orThrow()
            .stdout();
    int whole = fresh.lastIndexOf('\n') + 1;
    bytesRead += whole; // all of it is ASCII
    fresh.substring(0, whole).lines().map(EventParser::parse).forEach(log::add);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException(
          LoadException.Code.CLIENTS_NOT_ENDED, "interrupted while the load ran", e);
    }
  }
}
