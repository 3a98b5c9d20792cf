package org.holdfast.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A command that runs on in a container, with its output in a file there. */
public final class BackgroundCommand implements AutoCloseable {
  private static final AtomicInteger SEQUENCE = new AtomicInteger();
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final LabContainer container;
  private final List<String> words;
  private final String directory;

  private BackgroundCommand(LabContainer container, List<String> words, String directory) {
    this.container = container;
    this.words = words;
    this.directory = directory;
  }

  static BackgroundCommand start(LabContainer container, List<String> command) {
    String directory =
        "/run/lab-" + ProcessHandle.current().pid() + "-" + SEQUENCE.incrementAndGet();
    // The shell's pid becomes the command's: exec keeps it. What a shell starts in the background
    // ignores Ctrl-C, and its children with it, unless they are told not to. The status is written
    // by a parent that waits, because nobody else can ask for it later.
    String script =
        "mkdir -p \"$1\"; d=$1; shift;"
            + " setsid bash -c 'd=$1; shift;"
            + " (echo $BASHPID >$d/pid;"
            + "  exec env --default-signal=INT,QUIT \"$@\" >$d/out 2>$d/err </dev/null);"
            + " echo $? >$d/status' bash \"$d\" \"$@\" >/dev/null 2>&1 </dev/null &\n"
            + "for i in $(seq 200); do [ -s \"$d/pid\" ] && exit 0; sleep 0.02; done; exit 1";
    List<String> words = new ArrayList<>(List.of("bash", "-c", script, "bash", directory));
    words.addAll(command);
    container.exec(words.toArray(String[]::new)).orThrow();
    return new BackgroundCommand(container, List.copyOf(command), directory);
  }

  /** What it wrote to standard output so far. */
  public String stdout() {
    return container.exec("cat", directory + "/out").stdout();
  }

  /** What it wrote to standard error so far. */
  public String stderr() {
    return container.exec("cat", directory + "/err").stdout();
  }

  /** Whether it still runs. */
  public boolean isRunning() {
    return !container.exec("test", "-e", directory + "/status").succeeded();
  }

  /**
   * Waits until it ends by itself.
   *
   * @return its exit status
   * @throws LabException if it takes longer
   */
  public int await(Duration bound) {
    Waiting.until(bound, "the end of a command on " + container.name(), () -> !isRunning());
    return Integer.parseInt(container.exec("cat", directory + "/status").text());
  }

  /**
   * Waits until it ends by itself.
   *
   * @return its exit status and all that it wrote
   * @throws LabException if it takes longer
   */
  public CommandResult result(Duration bound) {
    return new CommandResult(container.name(), words, await(bound), stdout(), stderr());
  }

  /** Sends it a signal, such as INT. */
  public void signal(String signal) {
    container.bash("kill -" + signal + " \"$(cat " + directory + "/pid)\"");
  }

  /** Interrupts it, waits up to 10 s, and removes its files. */
  @Override
  public void close() {
    if (isRunning()) {
      signal("INT");
      try {
        await(STOP_BOUND);
      } catch (LabException e) {
        signal("KILL");
      }
    }
    container.exec("rm", "-rf", directory);
  }
}
