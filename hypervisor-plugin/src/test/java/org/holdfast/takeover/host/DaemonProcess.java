package org.holdfast.takeover.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.spool.SpoolBounds;
import org.holdfast.takeover.spool.SpoolSpace;

/** What holds connections, in a process of its own, so that it can be killed. */
final class DaemonProcess implements AutoCloseable {
  private static final int MEBIBYTE = 1 << 20;

  /** How far it goes before it waits to be killed. */
  enum Until {
    /** The copies stand and are silent; nothing is kept yet. */
    RECREATED,
    /** The copies answer. */
    HELD,
    /** A claim has begun: the copies are silent again. */
    SHUT,
    /** It has gone on with what one before it held. */
    TAKEN_UP
  }

  private final Process process;
  private final BufferedReader output;

  private DaemonProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Returns when it has come so far. */
  static DaemonProcess run(Until until, TestNetwork network, GuestProcess guest, Path spool)
      throws IOException {
    DaemonProcess daemon =
        new DaemonProcess(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    DaemonProcess.class.getName(),
                    until.name(),
                    network.hostNamespace().name(),
                    network.guestNamespace().name(),
                    Long.toString(guest.processId()),
                    spool.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    for (String line = daemon.output.readLine(); ; line = daemon.output.readLine()) {
      if (line == null) {
        throw new IOException("the daemon ended early");
      }
      if (line.equals(until.name())) {
        return daemon;
      }
    }
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Little memory, so that the file on disk has its part too. */
  static HoldOptions options(Path spool) {
    return new HoldOptions(
        MEBIBYTE,
        32 * MEBIBYTE,
        new SpoolBounds(
            64 * MEBIBYTE, 128 * MEBIBYTE, 2 * MEBIBYTE, SpoolSpace.of(256 * MEBIBYTE), spool));
  }

  /** The process. */
  public static void main(String[] arguments) throws IOException {
    Until until = Until.valueOf(arguments[0]);
    LinuxHostNetwork host = LinuxHostNetwork.in(NetworkNamespace.open(arguments[1]));
    HoldOptions options = options(Path.of(arguments[4]));
    if (until == Until.TAKEN_UP) {
      host.kept().get(0).takeUp(options);
    } else {
      NamespaceThread guestThread = NetworkNamespace.open(arguments[2]).startThread("guest");
      GuestProcess guest = new GuestProcess(guestThread, Long.parseLong(arguments[3]));
      takeOver(until, host.prepare(TestNetwork.vmInterfaces(1), options), guest);
    }
    System.out.println(until);
    while (System.in.read() >= 0) {
      // until the test kills it, or ends
    }
  }

  private static void takeOver(Until until, TakeoverNamespace takeover, GuestProcess guest)
      throws IOException {
    guest.findConnections();
    takeover.fence();
    guest.freeze();
    List<ConnectionToHold> exported = guest.export();
    guest.thaw();
    takeover.connections().recreate(exported);
    if (until == Until.RECREATED) {
      return;
    }
    takeover.open();
    takeover.connections().release();
    takeover.keep("remember this".getBytes(StandardCharsets.UTF_8));
    takeover.replayParked();
    if (until == Until.SHUT) {
      takeover.shut();
      takeover.connections().exportAll(reached -> {});
    }
  }
}
