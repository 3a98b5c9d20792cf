package org.holdfast.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.lab.report.LineChart.Line;
import org.holdfast.lab.report.LineChart.Point;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class LineChartTest {
  private static final LineChart CHART =
      new LineChart(
          "Throughput",
          "MiB/s",
          "seconds since <begin>",
          List.of(
              new Line("Holdfast", true, List.of(point(-5, 30), point(0, 15), point(10, 0))),
              new Line("R&D", false, List.of(point(-5, 30), point(95, 30)))));

  private static Point point(double across, double value) {
    return new Point(across, value);
  }

  @Test
  void linesAreDrawnToOneScale() throws Exception {
    List<Element> lines = elements("polyline");

    // The rival's line goes through the whole width, at the top.
    double[][] rival = points(lines.get(0));
    double[][] ours = points(lines.get(1));
    assertThat(ours[0]).isEqualTo(rival[0]);
    assertThat(rival[1][1]).isEqualTo(rival[0][1]);
    double perSecond = (rival[1][0] - rival[0][0]) / 100;
    assertThat(ours[1][0]).isEqualTo(ours[0][0] + 5 * perSecond);
    assertThat(ours[2][0]).isEqualTo(ours[0][0] + 15 * perSecond);
    assertThat(ours[2][1] - ours[1][1]).isEqualTo(ours[1][1] - ours[0][1]).isPositive();
  }

  @Test
  void holdfastIsOnTopAndEachLineHasItsSampleBesideItsLabel() throws Exception {
    List<Element> lines = elements("polyline");
    List<Element> samples =
        elements("line").stream().filter(line -> kind(line).startsWith("line ")).toList();

    assertThat(lines)
        .extracting(LineChartTest::kind)
        .containsExactly("line rival way-1", "line ours");
    assertThat(samples)
        .extracting(LineChartTest::kind)
        .containsExactly("line rival way-1", "line ours");
    assertThat(elements("text"))
        .extracting(Element::getTextContent)
        .contains("Holdfast", "R&D", "seconds since <begin>");
  }

  @Test
  void theAxesTellRoundValues() throws Exception {
    Stream<String> words = elements("text").stream().map(Element::getTextContent);

    assertThat(words.filter(word -> word.matches("-?[0-9.]+")))
        .containsExactly(
            "0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "0", "5", "10", "15", "20",
            "25", "30");
  }

  @Test
  void ticksAreRoundAndFew() {
    assertThat(ticks(-5, 123, 14))
        .containsExactly(
            "0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "110", "120");
    assertThat(ticks(-0.35, 0.35, 7))
        .containsExactly("-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3");
    assertThat(ticks(0, 1, 6)).containsExactly("0", "0.2", "0.4", "0.6", "0.8", "1");
    assertThat(ticks(0, 99_000, 5)).containsExactly("0", "20000", "40000", "60000", "80000");
  }

  @Test
  void wherePeersSendNothingThereIsALineNevertheless() throws Exception {
    List<Line> lines = List.of(new Line("nothing", true, List.of(point(0, 0), point(1, 0))));
    String drawn = new LineChart("Throughput", "MiB/s", "seconds", lines).draw();

    assertThat(drawn).doesNotContain("NaN", "Infinity").contains("<polyline");
  }

  private static List<String> ticks(double from, double until, int most) {
    return new LinearScale(from, until, 0, 1)
        .ticks(most).stream()
            .map(BigDecimal::stripTrailingZeros)
            .map(BigDecimal::toPlainString)
            .toList();
  }

  private static List<Element> elements(String name) throws Exception {
    Document drawn = ReportTest.parse(CHART.draw());
    NodeList found = drawn.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int index = 0; index < found.getLength(); index++) {
      elements.add((Element) found.item(index));
    }
    return elements;
  }

  private static String kind(Element element) {
    return element.getAttribute("class");
  }

  /** X and y of each. */
  private static double[][] points(Element line) {
    return Stream.of(line.getAttribute("points").split(" ", -1))
        .map(point -> Stream.of(point.split(",", 2)).mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }
}
