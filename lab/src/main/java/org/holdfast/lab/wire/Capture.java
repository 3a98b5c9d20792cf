package org.holdfast.lab.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.LabContainer;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Waiting;

/** A running tcpdump in one of the lab's machines. */
public final class Capture implements AutoCloseable {
  /** Enough for IPv6, TCP and its options; the data itself is of no interest here. */
  private static final String SNAP_LENGTH = "136";

  private static final Duration START_BOUND = Duration.ofSeconds(10);

  /** The kernel hands over a block of frames when it is full or a second old. */
  private static final Duration HAND_OVER = Duration.ofMillis(1_200);

  private static final Pattern DROPPED = Pattern.compile("(\\d+) packets dropped by kernel");

  private final LabContainer machine;
  private final BackgroundCommand tcpdump;
  private final String file;

  private Capture(LabContainer machine, BackgroundCommand tcpdump, String file) {
    this.machine = machine;
    this.tcpdump = tcpdump;
    this.file = file;
  }

  /** Starts to capture what passes one interface. */
  public static Capture of(LabContainer machine, String networkInterface, String filter) {
    return start(machine, networkInterface, "EN10MB", filter);
  }

  /** Starts to capture on all interfaces of a machine, those that appear later too. */
  public static Capture ofAll(LabContainer machine, String filter) {
    return start(machine, "any", "LINUX_SLL2", filter);
  }

  private static Capture start(
      LabContainer machine, String networkInterface, String linkType, String filter) {
    String file = "/var/tmp/capture-" + System.nanoTime() + ".pcap";
    BackgroundCommand tcpdump =
        machine.start(
            List.of(
                "tcpdump",
                "-n",
                "-Z",
                "root",
                "-i",
                networkInterface,
                "-y",
                linkType,
                "-s",
                SNAP_LENGTH,
                "-B",
                "65536",
                "--time-stamp-precision=nano",
                "-w",
                file,
                filter));
    Capture capture = new Capture(machine, tcpdump, file);
    long deadline = System.nanoTime() + START_BOUND.toNanos();
    while (!tcpdump.stderr().contains("listening on")) {
      if (System.nanoTime() > deadline || !tcpdump.isRunning()) {
        String words = tcpdump.stderr();
        capture.close();
        throw new LabException("tcpdump on " + machine.name() + " does not start: " + words);
      }
    }
    return capture;
  }

  /**
   * Ends the capture, after the kernel has handed over what it saw until now.
   *
   * @return all frames, in the order in which they were seen
   * @throws LabException if the kernel dropped any: then nothing can be concluded from the rest
   */
  public List<CapturedFrame> stop() {
    Waiting.pause(HAND_OVER, "the last frames of a capture");
    tcpdump.signal("INT");
    tcpdump.await(START_BOUND);
    Matcher dropped = DROPPED.matcher(tcpdump.stderr());
    if (dropped.find() && !"0".equals(dropped.group(1))) {
      throw new LabException(
          "the capture on " + machine.name() + " is not complete: " + dropped.group());
    }
    try {
      Path copy = Files.createTempFile("capture", ".pcap");
      try {
        machine.copyOut(file, copy);
        return PcapReader.read(copy);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw new LabException("cannot read the capture of " + machine.name(), e);
    } finally {
      close();
    }
  }

  /** Ends it, if it still runs, and removes its file. */
  @Override
  public void close() {
    tcpdump.close();
    machine.exec("rm", "-f", file);
  }
}
