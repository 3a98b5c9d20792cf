package org.holdfast.channel;

/** Text of a guest, made safe for logs and terminals. */
final class GuestText {
  private static final int MAXIMUM_CHARACTERS = 256;

  private GuestText() {}

  /** The text without control and format characters, at most 256 long. */
  static String safe(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .limit(MAXIMUM_CHARACTERS)
        .map(point -> isPrintable(point) ? point : '?')
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
