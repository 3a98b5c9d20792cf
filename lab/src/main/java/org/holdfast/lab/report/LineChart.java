package org.holdfast.lab.report;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Figures of one kind as they go on, as lines.
 *
 * @param title what was measured
 * @param unit of the values
 * @param across what the horizontal axis shows, with its unit
 * @param lines at least one, each with at least two points
 */
public record LineChart(String title, String unit, String across, List<Line> lines)
    implements Chart {
  private static final double WIDTH = 1000;
  private static final double LEFT = 50;
  private static final double RIGHT = 990;
  private static final double TOP = 28;
  private static final double BOTTOM = 270;
  private static final double HEIGHT = 306;
  private static final double SAMPLE = 26; // of a line, before its label
  private static final int MOST_ACROSS = 14;
  private static final int MOST_UP = 6;

  /**
   * One of them.
   *
   * @param label what it is of
   * @param ours Holdfast's, or else a rival's
   * @param points from left to right
   */
  public record Line(String label, boolean ours, List<Point> points) {
    /** Keeps the points. */
    public Line {
      points = List.copyOf(points);
    }
  }

  /**
   * One figure.
   *
   * @param across where on the horizontal axis
   * @param value at least 0
   */
  public record Point(double across, double value) {}

  /** Keeps the lines. */
  public LineChart {
    lines = List.copyOf(lines);
  }

  @Override
  public String draw() {
    LinearScale x = acrossScale();
    LinearScale y = new LinearScale(0, most(), BOTTOM, TOP);
    Markup svg = new Markup();
    svg.open("svg", "viewBox", "0 0 %.0f %.0f".formatted(WIDTH, HEIGHT), "role", "img");
    grid(svg, x, y);
    // The first is on top.
    for (int index = lines.size() - 1; index >= 0; index--) {
      Line line = lines.get(index);
      svg.empty("polyline", "class", kind(index), "points", path(line, x, y));
      legend(svg, line.label(), index);
    }
    return svg.close("svg").toString();
  }

  private LinearScale acrossScale() {
    double[] all =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Point::across)
            .sorted()
            .toArray();
    return new LinearScale(all[0], all[all.length - 1], LEFT, RIGHT);
  }

  /** The top of the vertical axis; where all is 0 there must be one nevertheless. */
  private double most() {
    double most =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Point::value)
            .max()
            .orElse(0);
    return most == 0 ? 1 : most;
  }

  private void grid(Markup svg, LinearScale x, LinearScale y) {
    for (BigDecimal tick : x.ticks(MOST_ACROSS)) {
      double at = x.at(tick.doubleValue());
      svg.empty("line", "class", "grid", "x1", at, "x2", at, "y1", TOP, "y2", BOTTOM);
      svg.element("text", words(tick), "class", "tick", "x", at, "y", BOTTOM + 14);
    }
    for (BigDecimal tick : y.ticks(MOST_UP)) {
      double at = y.at(tick.doubleValue());
      svg.empty("line", "class", "grid", "x1", LEFT, "x2", RIGHT, "y1", at, "y2", at);
      svg.element("text", words(tick), "class", "label note", "x", LEFT - 6, "y", at + 4);
    }
    svg.element("text", across, "class", "tick", "x", (LEFT + RIGHT) / 2, "y", HEIGHT - 6);
  }

  private static String words(BigDecimal tick) {
    return tick.stripTrailingZeros().toPlainString();
  }

  private static String path(Line line, LinearScale x, LinearScale y) {
    return line.points().stream()
        .map(
            point ->
                String.format(Locale.ROOT, "%.2f,%.2f", x.at(point.across()), y.at(point.value())))
        .collect(Collectors.joining(" "));
  }

  /** Above the plot, in columns as wide as each other. */
  private void legend(Markup svg, String label, int index) {
    double x = LEFT + (RIGHT - LEFT) / lines.size() * index;
    double y = TOP - 14;
    svg.empty("line", "class", kind(index), "x1", x, "x2", x + SAMPLE, "y1", y - 3, "y2", y - 3);
    svg.element("text", label, "x", x + SAMPLE + 6, "y", y);
  }

  /** The style sheet draws each rival's line in another way. */
  private String kind(int index) {
    return lines.get(index).ours() ? "line ours" : "line rival way-" + index;
  }
}
