package org.holdfast.lab.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a benchmark found, as a page that needs nothing else. */
public final class BenchPage {
  private BenchPage() {}

  /**
   * Renders it as well-formed XHTML.
   *
   * @param name of the benchmark
   * @param finished when it ended
   * @param machine it ran on, in words
   * @param charts to be drawn
   * @param figures all of them, by name
   */
  public static String of(
      String name,
      Instant finished,
      String machine,
      List<Chart> charts,
      Map<String, Long> figures) {
    Markup page = Page.begin("Holdfast: bench " + name);
    page.open("header").element("h1", "bench " + name);
    page.element("div", Page.date(finished) + "; " + machine, "class", "soft").close("header");
    for (Chart chart : charts) {
      page.element("h2", chart.title() + ", " + chart.unit());
      page.open("figure").raw(chart.draw()).close("figure");
    }
    page.element("h2", "All figures").open("table");
    figures.forEach(
        (figure, value) ->
            page.open("tr").element("td", figure).element("td", value.toString()).close("tr"));
    return Page.end(page.close("table"));
  }
}
