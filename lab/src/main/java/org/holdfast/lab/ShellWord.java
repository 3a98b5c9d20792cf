package org.holdfast.lab;

/** Words for a shell of another machine, which would split or change what is one word here. */
public final class ShellWord {
  private ShellWord() {}

  /** The word as it must be written for the shell to see it as it is. */
  public static String of(String text) {
    return text.matches("[A-Za-z0-9_./:=@%+,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
