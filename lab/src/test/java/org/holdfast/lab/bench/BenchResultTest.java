package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.holdfast.lab.report.BarChart;
import org.holdfast.lab.report.LineChart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What a benchmark leaves behind can be read by people and by programs. */
class BenchResultTest {
  @TempDir private Path folder;

  private static BenchResult result() {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("stall_ms", 40L);
    figures.put("plain_stall_ms", 160L);
    BarChart chart =
        new BarChart.Builder("Silence <of> peers", "ms")
            .ours("Holdfast", 40)
            .rival("R&D", 160)
            .build();
    LineChart lines =
        new LineChart(
            "Speed",
            "MiB/s",
            "seconds",
            List.of(line("Holdfast", true, 30, 10), line("R&D", false, 30, 0)));
    return new BenchResult(figures, List.of(chart, lines));
  }

  private static LineChart.Line line(String label, boolean ours, double begin, double end) {
    return new LineChart.Line(
        label, ours, List.of(new LineChart.Point(0, begin), new LineChart.Point(8, end)));
  }

  @Test
  void theLineNamesFiguresInTheirOrder() {
    assertThat(result().line("stall")).isEqualTo("BENCH stall stall_ms=40 plain_stall_ms=160");
  }

  @Test
  void programsReadWhatWasMeasuredWhereAndWhen() throws Exception {
    result().write("stall", folder.resolve("new"), Instant.EPOCH);

    JsonObject read =
        JsonParser.parseString(Files.readString(folder.resolve("new/stall.json")))
            .getAsJsonObject();
    assertThat(read.get("bench").getAsString()).isEqualTo("stall");
    assertThat(read.get("finished").getAsString()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(read.get("machine").getAsString()).contains("processors, Linux ");
    assertThat(read.getAsJsonObject("figures").get("plain_stall_ms").getAsLong()).isEqualTo(160);
  }

  @Test
  void thePageDrawsEachBarToScaleAndEachLineAndNeedsNothingElse() throws Exception {
    String page = Files.readString(result().write("stall", folder, Instant.EPOCH));

    assertThat(page).doesNotContain("://", "@import", "url(", "src=", "<link", "<script");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    Document read = factory.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    NodeList bars = read.getElementsByTagName("rect");
    assertThat(bars.getLength()).isEqualTo(2);
    assertThat(width(bars, 1) / width(bars, 0)).isEqualTo(4.0);
    assertThat(read.getDocumentElement().getTextContent())
        .contains("Silence <of> peers", "R&D", "plain_stall_ms", "Speed, MiB/s");
    assertThat(read.getElementsByTagName("polyline").getLength()).isEqualTo(2);
  }

  private static double width(NodeList bars, int index) {
    return Double.parseDouble(((Element) bars.item(index)).getAttribute("width"));
  }
}
