package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.holdfast.takeover.host.MatrixConnection.Seen;
import org.holdfast.takeover.matrix.MatrixScript;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever does whatever to a connection in any state, at any time around a takeover: both
 * applications see what they would have seen without it, the same bytes, the same end, the same
 * error. The property {@code holdfast.matrix} chooses scripts by a part of their name.
 */
@Tag("kernel")
@Timeout(300)
class TakeoverMatrixTest {

  @Test
  void applicationsSeeTheSameAsWithoutATakeover() throws Exception {
    String filter = System.getProperty("holdfast.matrix", "");
    List<MatrixScript> scripts =
        Stream.of(
                MatrixScript.withOneAct(SocketFamily.IPV4),
                MatrixScript.withOneAct(SocketFamily.IPV6),
                MatrixScript.withTwoActs(SocketFamily.IPV4))
            .flatMap(List::stream)
            .filter(script -> script.toString().contains(filter))
            .toList();
    Map<MatrixScript, Seen> without = MatrixRun.without(scripts);
    Map<MatrixScript, Seen> otherOrder = MatrixRun.without(otherOrders(scripts));
    Map<MatrixScript, Seen> with = MatrixRun.with(scripts);
    List<String> different = new ArrayList<>();
    for (MatrixScript script : scripts) {
      Seen expected = seen(without, script);
      Seen orElse = otherOrder.getOrDefault(script.otherOrder(), expected);
      Seen seen = seen(with, script);
      // Two acts may cross on their way: then each side has acted first.
      if (!List.of(expected.guest(), orElse.guest()).contains(seen.guest())
          || !List.of(expected.peer(), orElse.peer()).contains(seen.peer())) {
        different.add(script + "\n  without: " + expected + "\n  with:    " + seen);
      }
    }
    System.out.println("matrix: begin of what differs");
    different.forEach(System.out::println);
    System.out.printf(
        "MATRIX cases=%d same=%d differ=%d%n",
        scripts.size(), scripts.size() - different.size(), different.size());
    assertThat(different).isEmpty();
  }

  private static List<MatrixScript> otherOrders(List<MatrixScript> scripts) {
    return scripts.stream()
        .filter(script -> !script.equals(script.otherOrder()))
        .map(MatrixScript::otherOrder)
        .toList();
  }

  private static Seen seen(Map<MatrixScript, Seen> run, MatrixScript script) {
    return Objects.requireNonNull(run.get(script), script::toString);
  }
}
