package org.holdfast.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns of text under a head and a rule, as virsh prints its lists. */
final class TextTable {
  /** To which side a column's text is pushed. */
  enum Side {
    LEFT,
    RIGHT
  }

  /** A column: its head and its side. */
  record Column(String head, Side side) {
    static Column left(String head) {
      return new Column(head, Side.LEFT);
    }

    static Column right(String head) {
      return new Column(head, Side.RIGHT);
    }
  }

  private static final String GAP = "  ";

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(Column... columns) {
    this.columns = List.of(columns);
  }

  void row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + columns.size() + " columns: " + Arrays.toString(cells));
    }
    rows.add(List.of(cells));
  }

  /** Lines, each with its end; columns nobody put anything into are left out. */
  String render() {
    List<Integer> shown = new ArrayList<>();
    int[] widths = new int[columns.size()];
    for (int column = 0; column < columns.size(); column++) {
      int widest = 0;
      for (List<String> row : rows) {
        widest = Math.max(widest, row.get(column).length());
      }
      if (widest > 0 || rows.isEmpty()) {
        shown.add(column);
      }
      widths[column] = Math.max(widest, columns.get(column).head().length());
    }
    StringBuilder text = new StringBuilder();
    line(text, columns.stream().map(Column::head).toList(), shown, widths);
    int total = shown.stream().mapToInt(column -> widths[column] + GAP.length()).sum();
    text.append("-".repeat(Math.max(total, 1))).append('\n');
    rows.forEach(row -> line(text, row, shown, widths));
    return text.toString();
  }

  private void line(StringBuilder text, List<String> cells, List<Integer> shown, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column : shown) {
      String cell = cells.get(column);
      String padding = " ".repeat(widths[column] - cell.length());
      line.append(line.isEmpty() ? " " : GAP);
      line.append(columns.get(column).side() == Side.LEFT ? cell + padding : padding + cell);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
