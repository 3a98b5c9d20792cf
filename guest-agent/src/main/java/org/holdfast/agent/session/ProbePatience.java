package org.holdfast.agent.session;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.agent.proc.KernelText;

/**
 * How many probes of a closed window may stay unanswered before the kernel gives the connection up:
 * net.ipv4.tcp_retries2, a quarter of an hour by default (tcp_probe_timer). Behind its fence a
 * guest is never answered, and of all that makes TCP give up this alone no option of a socket
 * lengthens. So all sockets of the guest are patient while some are held.
 */
final class ProbePatience {
  private static final Logger LOGGER = System.getLogger(ProbePatience.class.getName());
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/tcp_retries2");

  /** Two minutes each, in the end: more than eight hours. */
  private static final String MOST = "255";

  /** What it was; empty while it is nobody's but the administrator's. */
  private String before = "";

  /**
   * From now on the kernel goes on asking. Where it cannot be told, closed windows are as before.
   */
  void lengthen() {
    try {
      String now = setting();
      if (!now.isEmpty() && !now.equals(MOST)) {
        Files.writeString(SETTING, MOST);
        before = now;
      }
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "closed windows are given up as ever: " + e);
    }
  }

  /** What it was; empty if it was not changed. */
  String before() {
    return before;
  }

  /**
   * Another agent has lengthened it.
   *
   * @param before what it was then
   */
  void goOn(String before) {
    this.before = before;
  }

  /** As it was, unless an administrator has changed it meanwhile. */
  void restore() {
    if (before.isEmpty()) {
      return;
    }
    try {
      if (setting().equals(MOST)) {
        Files.writeString(SETTING, before);
      }
      before = "";
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "tcp_retries2 stays at " + MOST + ": " + e);
    }
  }

  /** Empty if it cannot be read. */
  private static String setting() {
    return KernelText.read(SETTING).map(String::strip).orElse("");
  }
}
