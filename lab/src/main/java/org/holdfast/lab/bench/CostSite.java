package org.holdfast.lab.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.lab.CompiledProgram;
import org.holdfast.lab.LabException;
import org.holdfast.lab.bench.CostBench.Cost;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;

/**
 * Where connections are measured: one network namespace has both ends, another gets the copies. An
 * application and its peers are processes of their own ({@code cost.c}).
 */
final class CostSite implements AutoCloseable {
  private static final int FIRST_PORT = 7000;
  private static final String LISTENING = "listening";
  private static final String READY = "ready";

  private final CompiledProgram program;
  private final NetworkNamespace guest;
  private final NetworkNamespace holder;
  private final NamespaceThread holding;
  private int port = FIRST_PORT;

  CostSite() throws IOException, InterruptedException {
    program = new CompiledProgram(CostSite.class, "cost.c");
    String prefix = "holdfast-cost-" + ProcessHandle.current().pid();
    guest = NetworkNamespace.create(prefix + "-guest");
    holder = NetworkNamespace.create(prefix + "-holder");
    holding = holder.startThread("holder");
    for (NetworkNamespace each : List.of(guest, holder)) {
      run(List.of("ip", "-n", each.name(), "link", "set", "lo", "up"));
    }
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new LabException(String.join(" ", command) + " failed; see above");
    }
  }

  /** The cost in plain C, round by round. */
  List<Cost> plain(int connections, int rounds) throws IOException {
    List<Cost> costs = new ArrayList<>();
    String holderFile = holder.path().toString();
    try (Ends ends = new Ends("floor", connections, Integer.toString(rounds), holderFile)) {
      for (String line = ends.line(); !line.startsWith(READY); line = ends.line()) {
        long[] words = Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
        costs.add(new Cost(words[0], words[1], words[2]));
      }
    }
    return costs;
  }

  /** The cost with Holdfast, round by round. */
  List<Cost> holdfast(int connections, int rounds) throws IOException {
    try (Ends ends = new Ends("app", connections)) {
      String[] ready = ends.line().split(" ");
      List<Integer> descriptors = Arrays.stream(ready).skip(1).map(Integer::valueOf).toList();
      HoldfastCost cost = new HoldfastCost((int) ends.applicationId(), descriptors, holding);
      List<Cost> costs = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        costs.add(cost.round());
      }
      return costs;
    }
  }

  @Override
  public void close() {
    holding.close();
    guest.delete();
    holder.delete();
    program.close();
  }

  /** Both ends of connections; they go when this is closed. */
  private final class Ends implements AutoCloseable {
    private final Process application;
    private final Process peers;
    private final BufferedReader said;

    Ends(String mode, int connections, String... more) throws IOException {
      String ownPort =
          Integer.toString(port++); // nobody waits for the last one's connections to end
      List<String> words = new ArrayList<>(List.of(mode, ownPort, Integer.toString(connections)));
      words.addAll(List.of(more));
      application = start(words);
      said =
          new BufferedReader(
              new InputStreamReader(application.getInputStream(), StandardCharsets.UTF_8));
      if (!line().equals(LISTENING)) {
        throw new LabException("the application does not listen");
      }
      peers = start(List.of("peers", ownPort, Integer.toString(connections)));
    }

    private Process start(List<String> words) throws IOException {
      List<String> command =
          new ArrayList<>(List.of("ip", "netns", "exec", guest.name(), program.file().toString()));
      command.addAll(words);
      return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    String line() throws IOException {
      String line = said.readLine();
      if (line == null) {
        throw new LabException("cost.c ended early; see above");
      }
      return line;
    }

    long applicationId() {
      return application.pid();
    }

    @Override
    public void close() {
      application.destroyForcibly();
      peers.destroyForcibly();
    }
  }
}
