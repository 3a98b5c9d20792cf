package org.holdfast.lab.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.holdfast.lab.Resources;

/** What all pages have in common: each is one file that needs nothing else. */
final class Page {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private Page() {}

  /** Everything before the page's own content. */
  static Markup begin(String title) {
    Markup page = new Markup();
    page.raw("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.element("title", title);
    page.open("style").raw(Resources.text(Page.class, "report.css")).close("style");
    return page.close("head").open("body").open("main");
  }

  /** The whole page. */
  static String end(Markup page) {
    return page.close("main").close("body").close("html").toString();
  }

  static String date(Instant time) {
    return DATE.format(time);
  }
}
