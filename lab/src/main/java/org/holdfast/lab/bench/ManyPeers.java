package org.holdfast.lab.bench;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;

/** Many connections from the lab's peer to one program in a VM (many.py). */
final class ManyPeers implements AutoCloseable {
  /** The program, beside this class. */
  static final String PROGRAM = "many.py";

  private static final int PORT = 7500;
  private static final String GUEST_FILE = "/tmp/" + PROGRAM;
  private static final String PEER_FILE = "/run/" + PROGRAM;

  /** Longer than the program itself waits for its connections. */
  private static final Duration BOUND = Duration.ofMinutes(5);

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .create();

  /**
   * One exchange of each connection.
   *
   * @param kept how many got back what they sent
   * @param wrong how many got back other bytes
   * @param problems of those that are not kept, with how many had each
   * @param longestMs the longest exchange of those that ended since the round before
   */
  record Round(int kept, int wrong, Map<String, Integer> problems, long longestMs) {
    /** As the program prints it. */
    static Round of(String line) {
      return GSON.fromJson(line, Round.class);
    }
  }

  private final BackgroundCommand program;
  private int rounds;

  private ManyPeers(BackgroundCommand program) {
    this.program = program;
  }

  /**
   * Starts the program on both sides; returns when all connections stand.
   *
   * @throws LabException with what it said, if it ends before
   */
  static ManyPeers connect(Lab lab, VirtualMachine vm, int connections) {
    String text = Resources.text(ManyPeers.class, PROGRAM);
    vm.writeFile(GUEST_FILE, text);
    String command = "python3 %s guest %d %d".formatted(GUEST_FILE, PORT, connections);
    vm.startProgram(command, "/tmp/many.out", "ready");
    lab.peer().writeFile(PEER_FILE, text);
    String[] words = {"python3", PEER_FILE, "peer", vm.ipv4(), PORT + "", connections + ""};
    ManyPeers peers = new ManyPeers(lab.peer().start(List.of(words)));
    try {
      peers.awaitLines(1);
      return peers;
    } catch (RuntimeException e) {
      peers.close();
      throw e;
    }
  }

  /** Has each connection make an exchange. */
  Round exchange() {
    program.signal("USR1");
    rounds++;
    return Round.of(awaitLines(1 + rounds).get(rounds));
  }

  private List<String> awaitLines(int count) {
    Waiting.until(
        BOUND,
        "the peer's connections",
        () -> program.stdout().lines().count() >= count || !program.isRunning());
    List<String> lines = program.stdout().lines().toList();
    if (lines.size() < count) {
      throw new LabException("the peer's program has ended: " + program.stderr());
    }
    return lines;
  }

  @Override
  public void close() {
    program.close();
  }
}
