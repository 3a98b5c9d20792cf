package org.holdfast.lab.endtoend;

import com.google.gson.Gson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.takeover.matrix.MatrixScript;

/** Plays all scripts at once between a VM and the lab's peer, around whatever happens to the VM. */
final class MatrixLab {
  static final int PORT = 7100;

  /** FINs of the guest from this port are lost until the scripts say otherwise. */
  static final int LOSSY_PORT = 7101;

  private static final int CONTROL_PORT = 7102;
  private static final String DIRECTORY = "/run/holdfast-matrix";
  private static final String CGROUP = "/sys/fs/cgroup/holdfast-matrix";
  private static final String END = "END-OF-HOLDFAST-MATRIX-FILE";
  private static final Duration STEP_BOUND = Duration.ofSeconds(90);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private static final String LOSE_FINS =
      """
      nft -f - <<'RULES'
      add table inet matrix
      add chain inet matrix input { type filter hook input priority 0; }
      add rule inet matrix input tcp sport %d tcp flags & fin == fin drop
      RULES
      """
          .formatted(LOSSY_PORT);

  private final Lab lab;
  private final VirtualMachine vm;

  MatrixLab(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  /** Something happens to the VM: takes it away, or brings it back. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  /** What an application saw at each end of a script's connection. */
  record Seen(String guest, String peer) {}

  /**
   * What was seen.
   *
   * @param inTime "held" if what applications were to do while held was begun then
   * @param byName of script
   */
  record Result(String inTime, Map<String, Seen> byName) {}

  /** The same without a takeover. */
  Result without(List<MatrixScript> scripts) throws Exception {
    return play("without", scripts, () -> {}, () -> {});
  }

  /**
   * @param away when it returns the VM is held, or has been
   * @param back when it returns the VM has its connections again
   */
  Result with(List<MatrixScript> scripts, Step away, Step back) throws Exception {
    return play("with", scripts, away, back);
  }

  private Result play(String how, List<MatrixScript> scripts, Step away, Step back)
      throws Exception {
    startGuest();
    lab.peer().bash("rm -rf %1$s; mkdir -p %1$s".formatted(DIRECTORY)).orThrow();
    for (String program : List.of("matrix_ends.py", "matrix_peer.py")) {
      lab.peer().writeFile(DIRECTORY + "/" + program, Resources.text(MatrixLab.class, program));
    }
    lab.peer().writeFile(DIRECTORY + "/plan.json", new Gson().toJson(plan(scripts)));
    lab.peer().bash(LOSE_FINS).orThrow();
    try (BackgroundCommand peer = lab.peer().start(command(how))) {
      await(peer, "armed");
      away.run();
      loseNothing();
      signal("held");
      await(peer, "acted");
      back.run();
      giveBackBegins(); // if nobody has said so yet
      signal("back");
      peer.await(STEP_BOUND);
      return seen(peer);
    } finally {
      loseNothing();
    }
  }

  private List<String> command(String how) {
    return List.of(
        "python3",
        "-B",
        DIRECTORY + "/matrix_peer.py",
        how,
        DIRECTORY,
        vm.ipv4(),
        vm.ipv6(),
        Integer.toString(PORT),
        Integer.toString(LOSSY_PORT),
        Integer.toString(CONTROL_PORT));
  }

  /** In a cgroup of its own, as a service has one. */
  private void startGuest() {
    String script =
        """
        mkdir -p %1$s %2$s
        if [ -s %1$s/pid ]; then kill -KILL "-$(cat %1$s/pid)" 2>/dev/null; rm %1$s/*; fi
        cat > %1$s/matrix_ends.py <<'%3$s'
        %4$s
        %3$s
        setsid sh -c 'echo $$ > %1$s/pid; echo $$ > %2$s/cgroup.procs
          exec python3 -B %1$s/matrix_ends.py serve %5$d %6$d %7$d' \
          > %1$s/out 2>&1 < /dev/null &
        for i in $(seq 300); do
          if grep -q listening %1$s/out 2>/dev/null; then exit 0; fi
          sleep 0.1
        done
        cat %1$s/out
        exit 1
        """
            .formatted(
                DIRECTORY,
                CGROUP,
                END,
                Resources.text(MatrixLab.class, "matrix_ends.py"),
                PORT,
                LOSSY_PORT,
                CONTROL_PORT);
    vm.exec(script).orThrow();
  }

  private static List<Map<String, Object>> plan(List<MatrixScript> scripts) {
    List<Map<String, Object>> plan = new ArrayList<>();
    for (MatrixScript script : scripts) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", script.toString());
      one.put("family", script.family().name());
      one.put("state", script.state().name());
      one.put("losesFin", script.losesFin());
      one.put("receiveBuffer", script.queued() ? MatrixScript.SMALL_RECEIVE_BUFFER_BYTES : 0);
      one.put("sendBuffer", MatrixScript.SEND_BUFFER_BYTES);
      one.put("unreadBytes", script.unreadBytes());
      one.put("unsentBytes", script.unsentBytes());
      one.put("lastWords", MatrixScript.LAST_WORDS_BYTES);
      one.put("acts", script.acts().stream().map(act -> act(act, script.actBytes())).toList());
      plan.add(one);
    }
    return plan;
  }

  private static Map<String, Object> act(MatrixScript.Act act, int bytes) {
    return Map.of(
        "who", act.who().name(),
        "action", act.action().name(),
        "moment", act.moment().name(),
        "bytes", bytes);
  }

  private void loseNothing() {
    lab.peer().bash("nft delete table inet matrix 2>/dev/null || true").orThrow();
  }

  /** Peers do what they do while connections are given back. */
  void giveBackBegins() {
    signal("giving");
  }

  private void signal(String step) {
    lab.peer().exec("touch", DIRECTORY + "/" + step).orThrow();
  }

  private static void await(BackgroundCommand peer, String word) throws InterruptedException {
    long deadline = System.nanoTime() + STEP_BOUND.toNanos();
    while (!peer.stdout().contains(word)) {
      if (!peer.isRunning() || System.nanoTime() > deadline) {
        throw new LabException("the peer does not say " + word + ": " + peer.stderr());
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  /** As matrix_peer.py writes it. */
  private record SeenFile(String inTime, List<SeenScript> seen) {}

  private record SeenScript(String name, String guest, String peer) {}

  private Result seen(BackgroundCommand peer) {
    CommandResult file = lab.peer().exec("cat", DIRECTORY + "/seen.json");
    if (!file.succeeded()) {
      throw new LabException("the peer failed: " + peer.stderr());
    }
    SeenFile read = new Gson().fromJson(file.stdout(), SeenFile.class);
    Map<String, Seen> byName = new HashMap<>();
    read.seen().forEach(one -> byName.put(one.name(), new Seen(one.guest(), one.peer())));
    return new Result(read.inTime(), byName);
  }
}
