package org.holdfast.lab.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.holdfast.lab.Resources;

/** What a benchmark found, as a page that needs nothing else. */
public final class BenchPage {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

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
    Markup page = new Markup();
    page.raw("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.element("title", "Holdfast: bench " + name);
    page.open("style").raw(Resources.text(BenchPage.class, "report.css")).close("style");
    page.close("head").open("body").open("main");
    page.open("header").element("h1", "bench " + name);
    page.element("div", DATE.format(finished) + "; " + machine, "class", "soft").close("header");
    for (Chart chart : charts) {
      page.element("h2", chart.title() + ", " + chart.unit());
      page.open("figure").raw(chart.draw()).close("figure");
    }
    page.element("h2", "All figures").open("table");
    figures.forEach(
        (figure, value) ->
            page.open("tr").element("td", figure).element("td", value.toString()).close("tr"));
    return page.close("table").close("main").close("body").close("html").toString();
  }
}
