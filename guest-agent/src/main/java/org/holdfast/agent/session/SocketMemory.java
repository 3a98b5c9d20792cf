package org.holdfast.agent.session;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.agent.proc.KernelText;

/**
 * Room in the guest's kernel for what peers sent while the VM was away: it comes back in one go,
 * and has been acknowledged. All TCP sockets together may have so much (net.ipv4.tcp_mem), and a
 * kernel at this bound takes nothing more. So the bound is raised where need be, and set back when
 * applications have read enough.
 */
public final class SocketMemory {
  private static final Logger LOGGER = System.getLogger(SocketMemory.class.getName());
  private static final int PAGE_BYTES = 4096;

  /** Beside its bytes the kernel counts what it keeps about them. */
  private static final int COUNTED_TIMES = 2;

  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  /** Who has asked for room needs some time to fill it. */
  private static final Duration BEING_FILLED = Duration.ofSeconds(5);

  private static final Pattern USED = Pattern.compile("(?m)^TCP: .*\\bmem (\\d+)");

  private final Path limits;
  private final Path usage;
  private String before = "";
  private String raised = "";

  /** On the scale of System.nanoTime(). */
  private volatile long asked;

  /**
   * @param limits three numbers of pages: unconcerned below the first, sparing from the second on,
   *     no more than the third (tcp(7), tcp_mem)
   * @param usage tells how many pages are used (proc(5), /proc/net/sockstat)
   */
  SocketMemory(Path limits, Path usage) {
    this.limits = limits;
    this.usage = usage;
  }

  /** This guest's. */
  public static SocketMemory ofGuest() {
    return new SocketMemory(Path.of("/proc/sys/net/ipv4/tcp_mem"), Path.of("/proc/net/sockstat"));
  }

  /**
   * What the kernel lets all TCP sockets have before it is sparing; 0 if it does not say. An
   * administrator may change it at any time, so it is read whenever it is asked for.
   */
  long unsparingBytes() {
    long[] pages = numbers(read(limits));
    return pages.length == 3 ? PAGE_BYTES * pages[1] : 0;
  }

  /**
   * Has the kernel take this much more. Where it cannot be told to, it takes what it can.
   *
   * @param bytes that are about to be put into its queues
   */
  synchronized void makeRoomFor(long bytes) {
    asked = System.nanoTime();
    long[] pages = numbers(read(limits));
    if (pages.length != 3) {
      return;
    }
    long needed = usedPages() + COUNTED_TIMES * bytes / PAGE_BYTES + 1;
    if (needed <= pages[1]) {
      return;
    }
    boolean first = raised.isEmpty();
    if (first) {
      before = read(limits);
    }
    write(
        Arrays.stream(pages)
            .mapToObj(one -> Math.max(one, needed) + "")
            .collect(Collectors.joining("\t")));
    if (first && !raised.isEmpty()) {
      LOGGER.log(
          Level.INFO, "net.ipv4.tcp_mem was {0}, and is {1} until that is read", before, raised);
      Thread watcher = new Thread(this::awaitRead, "socket-memory");
      watcher.setDaemon(true);
      watcher.start();
    }
  }

  private void awaitRead() {
    try {
      do {
        Thread.sleep(LOOK_INTERVAL.toMillis());
      } while (System.nanoTime() - asked < BEING_FILLED.toNanos() || !setBackIfRead());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the bound is what it was, or what somebody else wants it to be. */
  synchronized boolean setBackIfRead() {
    if (raised.isEmpty() || !Arrays.equals(numbers(read(limits)), numbers(raised))) {
      raised = "";
      return true;
    }
    if (usedPages() > numbers(before)[1]) {
      return false;
    }
    write(before);
    raised = "";
    return true;
  }

  private void write(String numbers) {
    try {
      Files.writeString(limits, numbers);
      raised = numbers;
    } catch (IOException refused) {
      LOGGER.log(Level.WARNING, "net.ipv4.tcp_mem cannot be set to " + numbers + ": " + refused);
    }
  }

  private long usedPages() {
    Matcher used = USED.matcher(read(usage));
    return used.find() ? Long.parseLong(used.group(1)) : 0;
  }

  private static String read(Path file) {
    return KernelText.read(file).map(String::strip).orElse("");
  }

  private static long[] numbers(String text) {
    return text.isEmpty()
        ? new long[0]
        : Arrays.stream(text.split("\\s+", -1)).mapToLong(Long::parseLong).toArray();
  }
}
