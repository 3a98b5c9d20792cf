package org.holdfast.lab.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Figures of one kind beside each other, as bars.
 *
 * @param title what was measured
 * @param unit of the values
 * @param bars from the top down
 */
public record BarChart(String title, String unit, List<Bar> bars) implements Chart {
  private static final double WIDTH = 1000;
  private static final double LEFT = 260;
  private static final double RIGHT = 90;
  private static final double ROW = 20;
  private static final double BAR = 14;
  private static final int TENTHS_BELOW = 100;

  /**
   * One figure.
   *
   * @param label what it is of
   * @param ours Holdfast's, or else a rival's
   * @param value at least 0
   */
  public record Bar(String label, boolean ours, double value) {}

  /** Keeps the bars. */
  public BarChart {
    bars = List.copyOf(bars);
  }

  /** A chart that grows as figures come. */
  public static final class Builder {
    private final String title;
    private final String unit;
    private final List<Bar> bars = new ArrayList<>();

    /** An empty one. */
    public Builder(String title, String unit) {
      this.title = title;
      this.unit = unit;
    }

    /** A figure of Holdfast's. */
    public Builder ours(String label, double value) {
      return add(label, true, value);
    }

    /** A figure of a rival's. */
    public Builder rival(String label, double value) {
      return add(label, false, value);
    }

    /** Either. */
    public Builder add(String label, boolean ours, double value) {
      bars.add(new Bar(label, ours, value));
      return this;
    }

    /** All that came so far. */
    public BarChart build() {
      return new BarChart(title, unit, bars);
    }
  }

  @Override
  public String draw() {
    double height = bars.size() * ROW + 4;
    double most = bars.stream().mapToDouble(Bar::value).max().orElse(0);
    Markup svg = new Markup();
    svg.open("svg", "viewBox", "0 0 %.0f %.0f".formatted(WIDTH, height), "role", "img");
    for (int index = 0; index < bars.size(); index++) {
      Bar bar = bars.get(index);
      double y = index * ROW + 2;
      double length = most == 0 ? 0 : bar.value() / most * (WIDTH - LEFT - RIGHT);
      svg.element("text", bar.label(), "x", LEFT - 8, "y", y + BAR - 3, "class", "label");
      String kind = bar.ours() ? "ours" : "rival";
      svg.empty(
          "rect", "x", LEFT, "y", y, "width", Math.max(1, length), "height", BAR, "class", kind);
      svg.element("text", words(bar.value()), "x", LEFT + length + 6, "y", y + BAR - 3);
    }
    return svg.close("svg").toString();
  }

  private static String words(double value) {
    return String.format(Locale.ROOT, value < TENTHS_BELOW ? "%.1f" : "%.0f", value);
  }
}
