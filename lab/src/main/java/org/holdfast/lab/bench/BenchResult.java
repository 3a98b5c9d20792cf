package org.holdfast.lab.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.holdfast.lab.LabException;
import org.holdfast.lab.report.BenchPage;
import org.holdfast.lab.report.Chart;

/**
 * What a benchmark found.
 *
 * @param figures by name, in order
 * @param charts of what is best seen
 */
record BenchResult(Map<String, Long> figures, List<Chart> charts) {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  BenchResult {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    charts = List.copyOf(charts);
  }

  /** One line for people and programs. */
  String line(String name) {
    return "BENCH "
        + name
        + figures.entrySet().stream()
            .map(figure -> " " + figure.getKey() + "=" + figure.getValue())
            .collect(Collectors.joining());
  }

  /**
   * Writes NAME.json and NAME.html.
   *
   * @param folder is made if it is not there
   * @return the page
   */
  Path write(String name, Path folder, Instant finished) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("bench", name);
    all.put("finished", finished.toString());
    all.put("machine", machine());
    all.put("figures", figures);
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name + ".json"), GSON.toJson(all) + "\n");
      return Files.writeString(
          folder.resolve(name + ".html"), BenchPage.of(name, finished, machine(), charts, figures));
    } catch (IOException e) {
      throw new LabException("the results cannot be written to " + folder, e);
    }
  }

  private static String machine() {
    return "%d processors, Linux %s, %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"),
            Files.exists(Path.of("/dev/kvm"))
                ? "hardware virtualisation"
                : "guests on an emulated processor");
  }
}
