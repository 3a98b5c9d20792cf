package org.holdfast.agent.rehearsal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.agent.freeze.Freezer;

/** Processes that are there to be brought to a stand and to run again, and do nothing else. */
final class Extras implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(Extras.class.getName());
  private static final int COUNT = 2;
  private static final Duration BOUND = Duration.ofMillis(200);

  private final Freezer freezer;
  private final List<Process> processes = new ArrayList<>();

  private Extras(Freezer freezer) {
    this.freezer = freezer;
  }

  /** Starts them; a guest without even a sleep(1) rehearses without them. */
  static Extras of(Freezer freezer) {
    Extras extras = new Extras(freezer);
    try {
      for (int i = 0; i < COUNT; i++) {
        extras.processes.add(new ProcessBuilder("sleep", "300").start());
      }
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "no process to rehearse with: " + e.getMessage());
    }
    return extras;
  }

  /** Brings them to a stand, and lets them run again. */
  void stop() {
    Freeze freeze = freezer.begin();
    try {
      freeze.add(processes.stream().map(process -> (int) process.pid()).toList(), BOUND);
    } finally {
      freeze.thaw();
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
