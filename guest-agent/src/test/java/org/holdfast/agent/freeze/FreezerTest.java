package org.holdfast.agent.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.holdfast.linux.Signals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, real signals, the real cgroup v2 tree of this machine. */
@Tag("kernel")
class FreezerTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  /** Counts as fast as it can, in two threads, into a file. */
  private static final String BUSY =
      "import sys,threading,time\n"
          + "def run(n):\n"
          + "  i=0; f=open(sys.argv[1]+str(n),'w')\n"
          + "  while True:\n"
          + "    i+=1; f.seek(0); f.write('%09d'%i); f.flush(); time.sleep(.001)\n"
          + "threading.Thread(target=run,args=(0,)).start(); run(1)\n";

  @TempDir Path directory;

  private final List<Process> processes = new ArrayList<>();
  private Path record;
  private Freezer freezer;

  @BeforeEach
  void begin() {
    record = directory.resolve("record/frozen");
    freezer = Freezer.of(record);
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aSignalStopsEveryThreadAndAnotherLetsThemRun() throws Exception {
    int pid = busy("a");
    Freeze freeze = freezer.begin();
    assertThat(freeze.add(Set.of(pid), BOUND)).isEmpty();
    assertThat(new ThreadStates(Path.of("/proc")).allStand(pid)).isTrue();
    assertThat(Files.readString(record)).startsWith("process " + pid + " ");
    assertStands("a");
    freeze.thaw();
    assertThat(record).doesNotExist();
    assertRuns("a");
  }

  @Test
  void whatWasStoppedBeforeStaysStopped() throws Exception {
    int pid = busy("a");
    Signals.stop(pid);
    ThreadStates states = new ThreadStates(Path.of("/proc"));
    while (!states.allStand(pid)) {
      Thread.sleep(1);
    }
    Freeze freeze = freezer.begin();
    assertThat(freeze.add(Set.of(pid), BOUND)).isEmpty();
    freeze.thaw();
    assertThat(states.allStand(pid)).isTrue();
    assertStands("a");
    Signals.resume(pid);
    assertRuns("a");
  }

  @Test
  void aCgroupOfItsOwnIsFrozenWhole() throws Exception {
    Path tree = CgroupHierarchy.find(mountinfo()).orElseThrow().mount();
    Path cgroup = Files.createDirectory(tree.resolve("holdfast-test-" + directory.hashCode()));
    try {
      int first = busy("a");
      int second = busy("b");
      Files.writeString(cgroup.resolve("cgroup.procs"), first + "\n");
      Files.writeString(cgroup.resolve("cgroup.procs"), second + "\n");
      Freeze freeze = freezer.begin();
      assertThat(freeze.add(Set.of(first, second), BOUND)).isEmpty();
      assertThat(Files.readString(cgroup.resolve("cgroup.events"))).contains("frozen 1");
      assertThat(Files.readString(record)).startsWith("cgroup /holdfast-test-");
      assertStands("a");
      assertStands("b");
      freeze.thaw();
      assertThat(Files.readString(cgroup.resolve("cgroup.freeze"))).startsWith("0");
      assertRuns("a");
      assertRuns("b");
    } finally {
      end();
      removeSoon(cgroup);
    }
  }

  @Test
  void aCgroupThatOthersFrozeStaysFrozen() throws Exception {
    Path tree = CgroupHierarchy.find(mountinfo()).orElseThrow().mount();
    Path cgroup = Files.createDirectory(tree.resolve("holdfast-test-" + directory.hashCode()));
    try {
      int pid = busy("a");
      Files.writeString(cgroup.resolve("cgroup.procs"), pid + "\n");
      Files.writeString(cgroup.resolve("cgroup.freeze"), "1");
      Freeze freeze = freezer.begin();
      assertThat(freeze.add(Set.of(pid), BOUND)).isEmpty();
      freeze.thaw();
      assertThat(Files.readString(cgroup.resolve("cgroup.freeze"))).startsWith("1");
      Files.writeString(cgroup.resolve("cgroup.freeze"), "0");
    } finally {
      end();
      removeSoon(cgroup);
    }
  }

  @Test
  void neverThisProcessNorInit() {
    int self = (int) ProcessHandle.current().pid();
    Freeze freeze = freezer.begin();
    assertThat(freeze.add(Set.of(self, 1), BOUND)).containsExactlyInAnyOrder(self, 1);
    assertThat(freeze.isEmpty()).isTrue();
  }

  @Test
  void theNextAgentThawsWhatADeadOneLeft() throws Exception {
    int pid = busy("a");
    assertThat(freezer.begin().add(Set.of(pid), BOUND)).isEmpty();
    Freezer next = Freezer.of(record);
    next.thawLeftOver();
    assertRuns("a");
    assertThat(record).doesNotExist();
  }

  @Test
  void aNoteAboutAnotherProcessOfTheSameNumberWakesNobody() throws Exception {
    int pid = busy("a");
    Signals.stop(pid);
    while (!new ThreadStates(Path.of("/proc")).allStand(pid)) {
      Thread.sleep(1);
    }
    Files.createDirectories(directory.resolve("record"));
    Files.writeString(record, "process " + pid + " 1\n");
    freezer.thawLeftOver();
    assertStands("a");
  }

  private int busy(String name) throws Exception {
    Process process =
        new ProcessBuilder("python3", "-c", BUSY, directory.resolve(name).toString()).start();
    processes.add(process);
    assertRuns(name);
    return (int) process.pid();
  }

  private void assertRuns(String name) throws Exception {
    for (int thread = 0; thread < 2; thread++) {
      String before = count(name, thread);
      long deadline = System.nanoTime() + BOUND.toNanos();
      while (count(name, thread).equals(before) && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
      assertThat(count(name, thread)).isNotEqualTo(before);
    }
  }

  private void assertStands(String name) throws Exception {
    for (int thread = 0; thread < 2; thread++) {
      String before = count(name, thread);
      Thread.sleep(60);
      assertThat(count(name, thread)).isEqualTo(before);
    }
  }

  private String count(String name, int thread) throws IOException {
    Path file = directory.resolve(name + thread);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private static List<String> mountinfo() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo"));
  }

  /** A cgroup can be removed when the last of its dead has been buried. */
  private static void removeSoon(Path cgroup) throws Exception {
    for (int attempt = 0; attempt < 100; attempt++) {
      try {
        Files.delete(cgroup);
        return;
      } catch (IOException busy) {
        Thread.sleep(20);
      }
    }
    Files.delete(cgroup);
  }
}
