package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabContainer;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;

/** Connections from the lab's peer that stream into a guest's store (store_clients.py). */
final class StorePeers implements AutoCloseable {
  static final int CONNECTIONS = 4;

  /** What all clients import. */
  static final String MODULE = "store_clients.py";

  private static final String FOLDER = "/tmp/";
  private static final String SENT = "/tmp/store-sent";
  private static final String ENOUGH = "/tmp/store-enough";

  /** A store that this much was sent to is full, whatever is on the way still. */
  private static final long FULL_BYTES = (Store.MEBIBYTES + 32L) << 20;

  private static final Duration BOUND = Duration.ofSeconds(90);

  /**
   * What became of them.
   *
   * @param alive how many connections found that all had come as they sent it
   * @param notes when how much was sent, for {@link Throughput}
   */
  record End(long alive, String notes) {}

  private final LabContainer peer;
  private final BackgroundCommand program;

  private StorePeers(LabContainer peer, BackgroundCommand program) {
    this.peer = peer;
    this.program = program;
  }

  /** Starts them; the store must be ready. */
  static StorePeers start(Lab lab, VirtualMachine vm, Store store) {
    LabContainer peer = lab.peer();
    peer.exec("rm", "-f", ENOUGH, SENT).orThrow();
    for (String file : List.of(MODULE, store.client())) {
      peer.writeFile(FOLDER + file, Resources.text(StorePeers.class, file));
    }
    String client = FOLDER + store.client();
    String[] words = {
      "python3", "-B", client, vm.ipv4(), store.port() + "", CONNECTIONS + "", ENOUGH, SENT
    };
    return new StorePeers(peer, peer.start(List.of(words)));
  }

  /**
   * Waits until they have filled the store.
   *
   * @throws LabException with what they said, if all of them end before
   */
  void awaitFull() {
    Waiting.until(BOUND, "a full store", () -> sent() > FULL_BYTES || !program.isRunning());
    if (!program.isRunning()) {
      throw new LabException("the peers' program has ended: " + program.stderr());
    }
  }

  private long sent() {
    String note = peer.exec("tail", "-n", "1", SENT).text();
    return note.isEmpty() ? 0 : Long.parseLong(note.substring(note.indexOf(' ') + 1));
  }

  /**
   * Has them end.
   *
   * @param out where what they complain of goes
   */
  End end(PrintStream out) {
    peer.exec("touch", ENOUGH).orThrow();
    CommandResult said = program.result(BOUND).orThrow();
    out.print(said.stderr());
    return new End(Long.parseLong(said.text()), peer.exec("cat", SENT).orThrow().stdout());
  }

  @Override
  public void close() {
    program.close();
  }
}
