package org.holdfast.lab.bench;

import java.time.Duration;
import java.util.Locale;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;

/** What a guest stores in that which its peers stream into it. */
enum Store {
  /** A ring of memory (ring_server.py). */
  RING("a ring of memory", 7300, "ring_client.py") {
    @Override
    void start(VirtualMachine vm) {
      vm.writeFile("/tmp/ring.py", Resources.text(Store.class, "ring_server.py"));
      String server =
          "python3 /tmp/ring.py %d %d %d".formatted(port(), StorePeers.CONNECTIONS, MEBIBYTES);
      vm.startProgram(server, "/tmp/ring.out", "ready");
    }
  },

  /**
   * The Redis that every guest of the lab runs. Its configuration has it write nothing to disk, so
   * it never forks, and sets no bound to its memory.
   */
  REDIS("Redis", 6379, "redis_client.py") {
    @Override
    void start(VirtualMachine vm) {
      Waiting.until(
          Duration.ofMinutes(1),
          "the guest's Redis",
          () -> vm.exec("redis-cli ping").text().equals("PONG"));
    }
  };

  /** What either holds when it is full; redis_client.py has the same. */
  static final int MEBIBYTES = 160;

  private final String words;
  private final int port;
  private final String client;

  Store(String words, int port, String client) {
    this.words = words;
    this.port = port;
    this.client = client;
  }

  /** Has it ready for its peers, in a VM that is ready. */
  abstract void start(VirtualMachine vm);

  /** Its name in figures and on the command line. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its name for people. */
  String words() {
    return words;
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  /** The peers' program, beside this class. */
  String client() {
    return client;
  }
}
