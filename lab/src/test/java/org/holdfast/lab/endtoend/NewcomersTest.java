package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who comes while the VM is away: nobody waits for a retry of his own, and no datagram is lost. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class NewcomersTest {
  /**
   * A client repeats its first attempt after 1 s, then after 3 s. With what the commands take the
   * VM is back in between: who waited for a repetition of his own is served much later than that.
   */
  private static final Duration AWAY = Duration.ofMillis(1000);

  private static final double SERVED_AFTER_SECONDS = 0.5;

  /** Notes each number that arrives. */
  private static final String RECEIVER =
      """
      import socket
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("0.0.0.0", 7001))
      print("ready", flush=True)
      while True:
          print(server.recv(100).decode(), flush=True)
      """;

  /**
   * Sends numbers and says how many; connects again and again and says how long the longest took.
   */
  private static final String SENDER =
      """
      import os, socket, sys, threading, time
      longest = 0
      def connect():
          global longest
          while not os.path.exists("/tmp/enough"):
              begin = time.monotonic()
              socket.create_connection((sys.argv[1], 80), 20).close()
              longest = max(longest, time.monotonic() - begin)
              time.sleep(0.02)
      connecting = threading.Thread(target=connect)
      connecting.start()
      client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      number = 0
      while not os.path.exists("/tmp/enough"):
          client.sendto(str(number).encode(), (sys.argv[1], 7001))
          number += 1
          time.sleep(0.01)
      connecting.join()
      print(number, longest)
      """;

  private final Lab lab;
  private final VirtualMachine vm;

  NewcomersTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @AfterEach
  void stopReceiver() {
    vm.exec("pkill -f [r]eceiver.py");
  }

  @Test
  void neitherAMigrationNorAShortAbsenceIsNoticedByThem() throws Exception {
    begin();
    Product.migrate(lab, vm);
    double awaySeconds = beAway();
    Thread.sleep(500);
    String[] sent = end();

    int datagrams = Integer.parseInt(sent[0]);
    List<Integer> received =
        Arrays.stream(vm.exec("cat /tmp/received").orThrow().text().split("\\s+"))
            .skip(1)
            .map(Integer::valueOf)
            .toList();
    assertThat(datagrams).isGreaterThan(200);
    assertThat(received)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, datagrams).boxed().toList());
    assertThat(Double.parseDouble(sent[1]))
        .as("seconds of the longest attempt to connect")
        .isLessThan(awaySeconds + SERVED_AFTER_SECONDS);
    System.out.printf(
        "newcomers: %d datagrams, %d overtook; longest connect %s s, away %.1f s%n",
        datagrams, overtaken(received), sent[1], awaySeconds);
  }

  /** Returns for how long at most. */
  private double beAway() throws InterruptedException {
    KvmHost host = vm.host();
    long begin = System.nanoTime();
    host.holdfast("suspend", vm.name()).orThrow();
    Thread.sleep(AWAY.toMillis());
    host.holdfast("resume", vm.name()).orThrow();
    return (System.nanoTime() - begin) / 1e9;
  }

  private void begin() {
    vm.writeFile("/tmp/receiver.py", RECEIVER);
    vm.startProgram("python3 /tmp/receiver.py", "/tmp/received", "ready");
    lab.peer().writeFile("/tmp/sender.py", SENDER);
    lab.peer()
        .bash(
            "rm -f /tmp/enough; nohup python3 /tmp/sender.py %s > /tmp/sent 2>&1 &"
                .formatted(vm.ipv4()))
        .orThrow();
  }

  private String[] end() throws InterruptedException {
    lab.peer().exec("touch", "/tmp/enough").orThrow();
    Thread.sleep(500);
    return lab.peer().exec("cat", "/tmp/sent").orThrow().text().strip().split(" ");
  }

  private static long overtaken(List<Integer> received) {
    return IntStream.range(1, received.size())
        .filter(i -> received.get(i) < received.get(i - 1))
        .count();
  }
}
