package org.holdfast.lab.report;

import java.util.Locale;

/** Builds well-formed markup: what is text is escaped, what was opened is closed. */
final class Markup {
  private final StringBuilder out = new StringBuilder();

  /** Escapes text for element content and attribute values. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\t', '\n' -> escaped.append(' ');
                // No other control character may stand in XML.
                default -> escaped.appendCodePoint(point < ' ' ? '?' : point);
              }
            });
    return escaped.toString();
  }

  /** Appends markup as it is. */
  Markup raw(String markup) {
    out.append(markup);
    return this;
  }

  /** Appends text. */
  Markup text(String text) {
    out.append(escape(text));
    return this;
  }

  /** Opens an element; attributes are name, value, name, value ... */
  Markup open(String name, Object... attributes) {
    start(name, attributes);
    out.append('>');
    return this;
  }

  /** Closes an element. */
  Markup close(String name) {
    out.append("</").append(name).append(">\n");
    return this;
  }

  /** An element without content. */
  Markup empty(String name, Object... attributes) {
    start(name, attributes);
    out.append("/>\n");
    return this;
  }

  /** An element that holds text. */
  Markup element(String name, String text, Object... attributes) {
    return open(name, attributes).text(text).close(name);
  }

  private void start(String name, Object... attributes) {
    out.append('<').append(name);
    for (int index = 0; index + 1 < attributes.length; index += 2) {
      out.append(' ').append(attributes[index]).append("=\"");
      out.append(escape(value(attributes[index + 1]))).append('"');
    }
  }

  private static String value(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.2f", number)
        : value.toString();
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
