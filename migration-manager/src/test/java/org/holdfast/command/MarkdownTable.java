package org.holdfast.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table of the documentation, for tests that hold it against the code. */
final class MarkdownTable {
  private MarkdownTable() {}

  /**
   * Its rows, each with the words of its cells.
   *
   * @param file from the project's root
   * @param header the table's first line, as it stands there
   */
  static List<List<String>> rows(String file, String header) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("..").resolve(file));
    List<List<String>> rows = new ArrayList<>();
    for (int i = lines.indexOf(header) + 2; i < lines.size() && lines.get(i).startsWith("|"); i++) {
      String[] cells = lines.get(i).split("\\|");
      rows.add(Arrays.stream(cells).skip(1).map(String::strip).toList());
    }
    return rows;
  }
}
