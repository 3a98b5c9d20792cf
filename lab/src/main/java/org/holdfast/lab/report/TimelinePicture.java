package org.holdfast.lab.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.holdfast.lab.workload.ClientKind;
import org.holdfast.lab.workload.ConnectionHistory;
import org.holdfast.lab.workload.LoadEvent;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.Phase;
import org.holdfast.proto.v1.TimelineEntry;

/**
 * A trial, or one operation of it, as an inline SVG: the product's steps on top, what the peers
 * felt below, on one time axis. The steps are by the hosts' clocks and the silences by the peer's;
 * all are one machine's.
 */
final class TimelinePicture {
  private static final double WIDTH = 1000;
  private static final double LEFT = 150;
  private static final double ROW = 17;
  private static final double STREAM_ROW = 2.6;
  private static final double RATE_HEIGHT = 44;
  private static final Duration MARGIN = Duration.ofMillis(700);
  private static final Duration TOLD = Duration.ofMillis(50);
  private static final double CHARACTER = 6.2; // of the font used, for what fits beside a bar

  private final Markup svg = new Markup();
  private final String title;
  private final List<OperationReport> operations;
  private final LoadVerdict run;
  private final TimeScale scale;
  private final Instant origin;
  private double y = 26;

  private TimelinePicture(
      String title,
      List<OperationReport> operations,
      LoadVerdict run,
      Instant origin,
      Instant end) {
    this.title = title;
    this.operations = operations;
    this.run = run;
    this.origin = origin;
    this.scale =
        new TimeScale(origin.minus(MARGIN.dividedBy(2)), end.plus(MARGIN), LEFT, WIDTH - LEFT - 10);
  }

  /** Draws what the peers felt over a whole trial, from its begin to its end. */
  static String overview(Trial trial, LoadVerdict run) {
    Phase phase = trial.verdict().phase();
    return new TimelinePicture(
            trial.title(), trial.operations(), run, phase.start(), phase.operationEnd())
        .draw(false);
  }

  /** Draws one operation: its steps, and what the peers felt meanwhile. */
  static String of(OperationReport operation, LoadVerdict run) {
    return new TimelinePicture(
            operation.verb(), List.of(operation), run, operation.begin(), operation.end())
        .draw(true);
  }

  private String draw(boolean withSteps) {
    if (withSteps) {
      steps();
    }
    echo();
    others();
    streams();
    rate();
    double height = y + 6;
    Markup whole = new Markup();
    whole.open(
        "svg",
        "viewBox",
        String.format(Locale.ROOT, "0 0 %.0f %.0f", WIDTH, height),
        "role",
        "img",
        "aria-label",
        "Timeline of " + title);
    axis(whole, height);
    bands(whole, height);
    return whole.raw(svg.toString()).close("svg").toString();
  }

  private void axis(Markup whole, double height) {
    for (Duration tick : scale.ticks(origin)) {
      double x = scale.at(origin.plus(tick));
      whole.empty("line", "class", "grid", "x1", x, "x2", x, "y1", 18.0, "y2", height);
      whole.element("text", tickWords(tick), "class", "tick", "x", x, "y", 12.0);
    }
  }

  private static String tickWords(Duration tick) {
    double seconds = tick.toMillis() / 1000.0;
    return tick.toMillis() % 1000 == 0
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.2f s", seconds);
  }

  /** The blackouts, through the whole height. */
  private void bands(Markup whole, double height) {
    for (OperationReport operation : operations) {
      for (TimelineEntry step : operation.report().getTimelineList()) {
        long micros =
            switch (step.getName()) {
              case "fence" -> operation.report().getBlackoutTakeoverMicros();
              case "shut" -> operation.report().getBlackoutGiveBackMicros();
              default -> 0;
            };
        if (micros > 0) {
          Instant begin = operation.start(step);
          double x = scale.at(begin);
          double width = Math.max(1.5, scale.at(begin.plus(micros, ChronoUnit.MICROS)) - x);
          whole.empty(
              "rect",
              "class",
              "blackout",
              "x",
              x,
              "y",
              18.0,
              "width",
              width,
              "height",
              height - 18);
        }
      }
    }
  }

  private void steps() {
    for (OperationReport operation : operations) {
      operation.report().getTimelineList().stream()
          .sorted(Comparator.comparingLong(TimelineEntry::getStartMicros))
          .forEach(step -> step(operation, step));
    }
    separator();
  }

  private void step(OperationReport operation, TimelineEntry step) {
    label(step.getName(), step.getHost(), ROW);
    double x = scale.at(operation.start(step));
    double width = Math.max(1.5, scale.at(operation.end(step)) - x);
    svg.empty(
        "rect",
        "class",
        "step " + hostClass(step.getHost()),
        "x",
        x,
        "y",
        y + 3,
        "width",
        width,
        "height",
        ROW - 6);
    String words = Figures.duration(Duration.of(step.getDurationMicros(), ChronoUnit.MICROS));
    beside(x, width, words, ROW);
    y += ROW;
  }

  private static String hostClass(String host) {
    return switch (host) {
      case "kvm1" -> "first";
      case "kvm2" -> "second";
      default -> "third";
    };
  }

  private void echo() {
    for (ConnectionHistory history : histories(ClientKind.ECHO)) {
      label("echo probe", "silence", ROW);
      silences(history, ROW - 6, true);
      y += ROW;
    }
  }

  private void others() {
    for (ClientKind kind : ClientKind.values()) {
      if (kind != ClientKind.ECHO && kind != ClientKind.STREAM) {
        for (ConnectionHistory history : histories(kind)) {
          label(kind.words(), "", ROW - 4);
          silences(history, ROW - 8, false);
          y += ROW - 4;
        }
      }
    }
  }

  private void streams() {
    List<ConnectionHistory> streams = histories(ClientKind.STREAM);
    if (streams.isEmpty()) {
      return;
    }
    y += 4;
    svg.element(
        "text", streams.size() + " verified streams", "class", "label", "x", LEFT - 8, "y", y + 12);
    for (ConnectionHistory history : streams) {
      silences(history, STREAM_ROW - 0.6, false);
      y += STREAM_ROW;
    }
    separator();
  }

  private List<ConnectionHistory> histories(ClientKind kind) {
    return run.histories().stream().filter(history -> history.opened().kind() == kind).toList();
  }

  /** The line of a connection: quiet while it is served, loud while nothing comes. */
  private void silences(ConnectionHistory history, double height, boolean words) {
    double top = height < 4 ? y : y + 3;
    Instant over = history.lost().map(LoadEvent.Lost::time).orElse(scale.until());
    bar("served", scale.from(), over, top, height);
    List<LoadEvent.Silence> silences =
        history.silences().stream()
            .filter(silence -> scale.shows(silence.time(), silence.until()))
            .toList();
    for (LoadEvent.Silence silence : silences) {
      bar(told(silence) ? "silence" : "hush", silence.time(), silence.until(), top, height);
    }
    if (history.lost().isPresent()) {
      bar("silence", history.lastReceipt(), over, top, height);
      bar("lost", over, scale.until(), top, height);
    }
    if (words) {
      silences.stream().filter(TimelinePicture::told).forEach(this::words);
    }
  }

  private static boolean told(LoadEvent.Silence silence) {
    return length(silence).compareTo(TOLD) >= 0;
  }

  private static Duration length(LoadEvent.Silence silence) {
    return Duration.between(silence.time(), silence.until());
  }

  /** In the bar if it is long enough, else beside it. */
  private void words(LoadEvent.Silence silence) {
    String words = Figures.duration(length(silence));
    double x = scale.at(silence.time());
    double width = scale.at(silence.until()) - x;
    if (width > (words.length() + 1) * CHARACTER) {
      svg.element("text", words, "class", "inside", "x", x + width / 2, "y", y + ROW - 5);
    } else {
      beside(x, width, words, ROW);
    }
  }

  private void bar(String kind, Instant from, Instant until, double top, double height) {
    if (scale.shows(from, until)) {
      double x = scale.at(from);
      double width = Math.max(0.8, scale.at(until) - x);
      svg.empty("rect", "class", kind, "x", x, "y", top, "width", width, "height", height);
    }
  }

  private void rate() {
    label("verified by streams", "", RATE_HEIGHT);
    long most = 1;
    for (LoadEvent.Rate rate : run.rates()) {
      if (scale.shows(rate.time(), rate.time())) {
        most = Math.max(most, rate.bytes());
      }
    }
    for (LoadEvent.Rate rate : run.rates()) {
      if (scale.shows(rate.time(), rate.time())) {
        double x = scale.at(rate.time());
        double next = scale.at(rate.time().plusMillis(50));
        double height = RATE_HEIGHT * rate.bytes() / most;
        svg.empty(
            "rect",
            "class",
            "rate",
            "x",
            x,
            "y",
            y + RATE_HEIGHT - height,
            "width",
            Math.max(0.5, next - x),
            "height",
            height);
      }
    }
    y += RATE_HEIGHT;
  }

  private void label(String name, String note, double height) {
    double baseline = y + Math.min(height, ROW) / 2 + 4;
    svg.open("text", "class", "label", "x", LEFT - 8, "y", baseline).text(name);
    if (!note.isEmpty()) {
      svg.raw(" ").element("tspan", note, "class", "note");
    }
    svg.close("text");
  }

  private void beside(double x, double width, String words, double row) {
    boolean right = x + width + 6 + words.length() * CHARACTER < WIDTH;
    svg.element(
        "text",
        words,
        "class",
        right ? "value" : "value before",
        "x",
        right ? x + width + 4 : x - 4,
        "y",
        y + row - 5);
  }

  private void separator() {
    y += 4;
    svg.empty("line", "class", "rule", "x1", 0.0, "x2", WIDTH, "y1", y, "y2", y);
    y += 4;
  }
}
