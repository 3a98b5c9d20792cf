package org.holdfast.lab.report;

import java.util.List;
import org.holdfast.lab.report.Trial.Act;
import org.holdfast.lab.report.Trial.Tool;
import org.holdfast.lab.workload.ConnectionVerdict;
import org.holdfast.lab.workload.GuestLog;
import org.holdfast.lab.workload.LoadVerdict;

/** The page: one file that needs nothing else, not even a network. */
public final class HtmlReport {
  private final DemoResult result;
  private final Markup page = Page.begin("Holdfast: connections through migration and absence");

  private HtmlReport(DemoResult result) {
    this.result = result;
  }

  /** Renders it as well-formed XHTML. */
  public static String of(DemoResult result) {
    return new HtmlReport(result).render();
  }

  private String render() {
    head();
    tiles();
    comparison();
    trials();
    clients();
    guest();
    foot();
    return Page.end(page);
  }

  private void head() {
    page.open("header").element("h1", "Holdfast demonstration");
    page.element("div", Page.date(result.finished()), "class", "soft");
    page.close("header");
    String outcome =
        result.held()
            ? "Every connection was kept, and every byte that was compared was right."
            : "Not every connection was kept, or not every byte was right: see below.";
    page.element(
        "p",
        ("A virtual machine with real servers moved to another host and back, and was then away"
                + " for %d s, while %d connections of real clients stood. %s")
            .formatted(
                result.away().toSeconds(), result.of(Act.MIGRATION, Tool.HOLDFAST), outcome));
  }

  private void tiles() {
    page.open("div", "class", "tiles");
    int of = result.of(Act.MIGRATION, Tool.HOLDFAST);
    int kept = result.kept(Act.MIGRATION, Tool.HOLDFAST);
    tile(kept + " of " + of, "kept over " + result.migrations() + " migrations", kept == of);
    int awayOf = result.of(Act.ABSENCE, Tool.HOLDFAST);
    int awayKept = result.kept(Act.ABSENCE, Tool.HOLDFAST);
    int plainKept = result.kept(Act.ABSENCE, Tool.PLAIN);
    tile(
        awayKept + " of " + awayOf,
        "kept over %d s of absence; plain libvirt: %d"
            .formatted(result.away().toSeconds(), plainKept),
        awayKept == awayOf);
    tile(
        Figures.duration(result.stall(Act.MIGRATION, Tool.HOLDFAST)),
        "longest stall while moving; plain libvirt: "
            + Figures.duration(result.stall(Act.MIGRATION, Tool.PLAIN)),
        true);
    tile(
        Integer.toString(result.corrupted()),
        "wrong, missing or repeated bytes found",
        result.corrupted() == 0);
    page.close("div");
  }

  private void tile(String figure, String words, boolean good) {
    page.open("div", "class", good ? "tile" : "tile bad");
    page.open("b").text(figure).close("b").open("span").text(words).close("span").close("div");
  }

  private void comparison() {
    page.element("h2", "Side by side");
    page.open("table").open("thead").open("tr");
    Comparison.HEADINGS.forEach(heading -> page.element("th", heading));
    page.close("tr").close("thead").open("tbody");
    List<List<String>> rows = Comparison.rows(result);
    for (int index = 0; index < rows.size(); index++) {
      Trial trial = result.trials().get(index);
      page.open("tr", "class", trial.tool() == Tool.PLAIN ? "plain" : "ours");
      List<String> cells = rows.get(index);
      for (int column = 0; column < cells.size(); column++) {
        boolean bad =
            (column == 2 || column == 3) && trial.verdict().lost() > 0
                || column == 5 && trial.verdict().corrupted() > 0;
        page.element("td", cells.get(column), "class", bad ? "bad" : "cell");
      }
      page.close("tr");
    }
    page.close("tbody").close("table");
    page.element(
        "p",
        "Stall: the longest time an echo probe sent every 5 ms got no answer. Longest silence: of"
            + " any client but the download, most of which hear from the guest only every 50 to"
            + " 200 ms anyway. Blackouts: fence to open, as Holdfast reports them. Plain libvirt"
            + " worked with fresh connections of its own.",
        "class",
        "soft small");
  }

  private void trials() {
    page.element("h2", "Trial by trial");
    page.open("div", "class", "legend");
    legend("#3f6c9b", "steps on kvm1");
    legend("#4f8a6c", "steps on kvm2");
    legend("#e8b04a", "blackout");
    legend("#b23b33", "nothing received, 50 ms and more");
    legend("#c9a29e", "nothing received, shorter");
    legend("#33393f", "connection lost");
    page.close("div");
    for (Trial trial : result.trials()) {
      page.element("h3", trial.title() + ", " + trial.tool().words());
      measures(trial);
      if (!trial.problem().isEmpty()) {
        page.element("p", "It failed: " + trial.problem(), "class", "problem");
      }
      LoadVerdict run = trial.tool() == Tool.HOLDFAST ? result.holdfastRun() : result.plainRun();
      pictures(trial, run);
      trial.operations().forEach(operation -> page.raw(LedgerSection.of(operation)));
      complaints(trial);
    }
  }

  /** An overview, unless one operation is the whole trial; then each operation by itself. */
  private void pictures(Trial trial, LoadVerdict run) {
    if (trial.operations().size() != 1) {
      page.open("figure").raw(TimelinePicture.overview(trial, run)).close("figure");
    }
    for (OperationReport operation : trial.operations()) {
      page.open("figure");
      if (trial.operations().size() > 1) {
        page.element("figcaption", "holdfast " + operation.verb());
      }
      page.raw(TimelinePicture.of(operation, run)).close("figure");
    }
  }

  private void legend(String color, String words) {
    page.open("span").open("i", "style", "background:" + color).close("i").text(words);
    page.close("span");
  }

  private void measures(Trial trial) {
    page.open("div", "class", "measures");
    measure("kept", trial.verdict().kept() + " of " + trial.verdict().of());
    measure("stall", Figures.duration(trial.verdict().stall()));
    for (OperationReport operation : trial.operations()) {
      operation
          .blackouts()
          .forEach(
              blackout ->
                  measure("blackout at " + blackout.verb(), Figures.duration(blackout.length())));
      if (operation.report().getDowntimeMillis() > 0) {
        measure("QEMU's downtime", operation.report().getDowntimeMillis() + " ms");
      }
      if (operation.report().getConnectionsKeptByPlainMigration()) {
        measure("note", "the VM was faster and moved with its own sockets");
      }
    }
    page.close("div");
  }

  private void measure(String name, String value) {
    page.open("span").text(name + " ").open("b").text(value).close("b").close("span");
  }

  private void complaints(Trial trial) {
    List<ConnectionVerdict> complaints = trial.verdict().complaints();
    if (complaints.isEmpty()) {
      return;
    }
    page.open("details").element("summary", complaints.size() + " connections with a complaint");
    page.open("table").open("tbody");
    for (ConnectionVerdict complaint : complaints) {
      page.open("tr").element("td", complaint.name(), "class", "mono");
      page.element("td", complaint.kind().words());
      page.element("td", Complaints.words(complaint)).close("tr");
    }
    page.close("tbody").close("table").close("details");
  }

  private void clients() {
    page.element("h2", "The clients and their last words");
    page.open("table").open("thead").open("tr");
    for (String heading : List.of("Client", "Connections", "With Holdfast", "With plain libvirt")) {
      page.element("th", heading);
    }
    page.close("tr").close("thead").open("tbody");
    ClientSummary.of(result)
        .forEach(
            row -> {
              page.open("tr").element("td", row.kind().words());
              page.element("td", Integer.toString(row.connections()));
              page.element("td", row.holdfast(), "class", row.holdfastGood() ? "cell" : "bad");
              page.element("td", row.plain()).close("tr");
            });
    page.close("tbody").close("table");
  }

  private void guest() {
    page.element("h2", "What the guest's applications logged");
    page.open("table").open("thead").open("tr");
    for (String heading : List.of("Application", "Lines", "Errors")) {
      page.element("th", heading);
    }
    page.close("tr").close("thead").open("tbody");
    for (GuestLog log : result.holdfastRun().guestLogs()) {
      page.open("tr").element("td", log.application());
      page.element("td", Integer.toString(log.lines()));
      String errors = log.errors().isEmpty() ? "none" : String.join(" | ", log.errors());
      page.element("td", errors, "class", log.errors().isEmpty() ? "cell" : "bad").close("tr");
    }
    page.close("tbody").close("table");
  }

  private void foot() {
    page.open("footer");
    result.environment().forEach((name, value) -> page.element("div", name + ": " + value));
    result.holdfastRun().failures().forEach(failure -> page.element("div", "failure: " + failure));
    page.close("footer");
  }
}
