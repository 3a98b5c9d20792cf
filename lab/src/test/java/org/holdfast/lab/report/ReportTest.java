package org.holdfast.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class ReportTest {
  @Test
  void thePageIsWellFormed() throws Exception {
    Document page = parse(HtmlReport.of(Sample.broken()));

    assertThat(page.getElementsByTagName("svg").getLength()).isEqualTo(7);
    assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
        .isEqualTo("Holdfast demonstration");
    assertThat(page.getDocumentElement().getTextContent())
        .contains("block 210 differs at byte 12 <&>")
        .contains("Not every connection was kept");
  }

  @Test
  void thePageNeedsNothingElse() throws Exception {
    String page = HtmlReport.of(Sample.held());

    assertThat(page).doesNotContain("://", "@import", "url(", "src=", "<link", "<script");
    NodeList all = parse(page).getElementsByTagName("*");
    for (int index = 0; index < all.getLength(); index++) {
      Element element = (Element) all.item(index);
      assertThat(element.hasAttribute("href")).as(element.getTagName()).isFalse();
    }
  }

  @Test
  void theLedgerTellsAddressesOutcomesAndReasons() {
    assertThat(HtmlReport.of(Sample.held()))
        .contains("172.26.128.1:22", "172.26.0.2:43804", "sshd[812]")
        .contains("[fd10:0:0:0:0:0:0:1001]:7001", "41 kB")
        .contains("left to tcp: time wait");
  }

  @Test
  void eachBlackoutIsDrawnAndNamed() throws Exception {
    DemoResult result = Sample.held();
    Document page =
        parse(TimelinePicture.of(result.trials().get(0).operations().get(0), result.holdfastRun()));
    NodeList shapes = page.getElementsByTagName("rect");
    int blackouts = 0;
    int silences = 0;
    for (int index = 0; index < shapes.getLength(); index++) {
      String kind = ((Element) shapes.item(index)).getAttribute("class");
      blackouts += kind.equals("blackout") ? 1 : 0;
      silences += kind.equals("silence") ? 1 : 0;
    }

    assertThat(blackouts).isEqualTo(2);
    assertThat(silences).isPositive();
    assertThat(HtmlReport.of(result)).contains("blackout at take over", "blackout at give back");
  }

  @Test
  void theTableSetsToolsSideBySide() {
    String table = TerminalReport.of(Sample.held());

    assertThat(table.lines().toList())
        .anySatisfy(line -> assertThat(line).startsWith("Trial").contains("Longest silence"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches("kvm1 to kvm2 +Holdfast +58 of 58 +0 .* 95 ms .*67 ms, 63 ms"))
        .anySatisfy(
            line -> assertThat(line).matches("away for 30 s +plain libvirt +33 of 58 +25 .*"));
    assertThat(table).contains("stream-25: lost, read failed: Connection timed out", "and 19 more");
  }

  @Test
  void markupEscapesWhatIsText() throws Exception {
    String markup = new Markup().element("p", "a<b>&\"\u0001\n", "title", "x\"<y>").toString();

    Element paragraph = parse(markup).getDocumentElement();
    assertThat(paragraph.getTextContent()).isEqualTo("a<b>&\"? ");
    assertThat(paragraph.getAttribute("title")).isEqualTo("x\"<y>");
  }

  @Test
  void ticksAreRoundAndFew() {
    Instant origin = Sample.BEGIN;
    TimeScale scale = new TimeScale(origin.minusMillis(350), origin.plusMillis(4_350), 0, 100);

    List<Duration> ticks = scale.ticks(origin);

    assertThat(ticks).first().isEqualTo(Duration.ZERO);
    assertThat(ticks).last().isEqualTo(Duration.ofSeconds(4));
    assertThat(ticks).hasSize(9);
    assertThat(scale.at(origin.plusSeconds(60))).isEqualTo(100);
  }

  static Document parse(String markup) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(markup)));
  }
}
