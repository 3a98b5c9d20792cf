package org.holdfast.lab.report;

/** Figures of one kind, drawn. */
public sealed interface Chart permits BarChart, LineChart {
  /** What was measured. */
  String title();

  /** Of the values. */
  String unit();

  /** Draws it as an inline SVG. */
  String draw();
}
