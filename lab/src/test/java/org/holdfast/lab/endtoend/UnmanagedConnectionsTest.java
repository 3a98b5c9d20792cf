package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Connections that cannot be managed, in the middle of others that can: these are kept, and those
 * live through the migration as through any, by the guest's own TCP.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
class UnmanagedConnectionsTest {
  private static final int MANAGED = 30;
  private static final int OF_EACH_KIND = 5;
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** Multipath TCP at one port, TCP with MD5 signatures at the next; says again what it hears. */
  private static final String BOTH_SIDES =
      """
      import socket, struct, sys, threading, time
      IPPROTO_MPTCP, TCP_MD5SIG = 262, 14
      def sign(own, other):
          address = struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(other))
          own.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG,
                         address.ljust(128, b"\\0") + struct.pack("BBHi80s", 0, 0, 6, 0, b"secret"))
      def made(kind, other):
          own = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP if kind == 0 else 0)
          if kind == 1:
              sign(own, other)
          return own
      """;

  private static final String GUEST =
      BOTH_SIDES
          + """
          def serve(connection):
              while True:
                  connection.sendall(connection.recv(8))
          def listening(kind):
              listener = made(kind, sys.argv[1])
              listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
              listener.bind(("0.0.0.0", 7400 + kind))
              listener.listen()
              return listener
          def accept(listener):
              while True:
                  threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
          for listener in (listening(0), listening(1)):
              threading.Thread(target=accept, args=(listener,), daemon=True).start()
          print("ready", flush=True)
          time.sleep(3600)
          """;

  /** Each connection says number after number until told that it is enough, and prints how many. */
  private static final String PEER =
      BOTH_SIDES
          + """
          import os
          def talk(kind):
              client = made(kind, sys.argv[1])
              client.settimeout(20)
              client.connect((sys.argv[1], 7400 + kind))
              number = 0
              while not os.path.exists("/tmp/odd-enough"):
                  client.sendall(struct.pack("!q", number))
                  heard = b""
                  while len(heard) < 8:
                      heard += client.recv(8 - len(heard))
                  assert struct.unpack("!q", heard)[0] == number
                  number += 1
                  time.sleep(0.05)
              print("good", flush=True)
          for kind in (0, 1):
              for _ in range(int(sys.argv[2])):
                  threading.Thread(target=talk, args=(kind,)).start()
          """;

  private final Lab lab;
  private final VirtualMachine vm;

  UnmanagedConnectionsTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("odd")).awaitReady();
  }

  @AfterEach
  void destroy() {
    lab.peer().exec("touch", "/tmp/odd-enough");
    vm.destroy();
  }

  @Test
  void thirtyAreKeptAndTenLiveThroughItByThemselves() throws Exception {
    begin();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(MANAGED - 1))) {
      MigrationReport report = load.phase("migration", () -> Product.migrate(lab, vm));
      LoadVerdict verdict = load.stop();

      assertThat(Product.kept(report)).isGreaterThanOrEqualTo(MANAGED);
      assertThat(leftByReason(report))
          .containsEntry(UnmanagedReason.UNMANAGED_REASON_MPTCP, (long) OF_EACH_KIND)
          .containsEntry(UnmanagedReason.UNMANAGED_REASON_AUTHENTICATED, (long) OF_EACH_KIND);
      assertThat(verdict.phase("migration").complaints()).isEmpty();
      assertThat(verdict.corrupted()).isZero();
    }
    lab.peer().exec("touch", "/tmp/odd-enough").orThrow();
    Waiting.until(
        BOUND,
        "the end of what peers have to say",
        () -> !lab.peer().bash("pgrep -f odd_peer.py").succeeded());
    assertThat(lab.peer().exec("cat", "/tmp/odd.out").text().lines())
        .hasSize(2 * OF_EACH_KIND)
        .containsOnly("good");
  }

  private void begin() {
    lab.peer().writeFile("/tmp/odd_peer.py", PEER);
    vm.writeFile("/tmp/odd.py", GUEST);
    String peer =
        lab.peer()
            .bash("ip -4 -o address show dev eth0 | grep -oE '([0-9]+\\.){3}[0-9]+' | head -1")
            .orThrow()
            .text();
    vm.startProgram("python3 /tmp/odd.py " + peer, "/tmp/odd.out", "ready");
    lab.peer()
        .bash(
            "rm -f /tmp/odd-enough; nohup python3 /tmp/odd_peer.py %s %d > /tmp/odd.out 2>&1 &"
                .formatted(vm.ipv4(), OF_EACH_KIND))
        .orThrow();
    Waiting.until(
        BOUND,
        "ten connections",
        () ->
            vm.exec(
                    "test $(ss -Htn state established '( sport = :7400 or sport = :7401 )' | wc -l)"
                        + " -ge "
                        + 2 * OF_EACH_KIND)
                .succeeded());
  }

  private static Map<UnmanagedReason, Long> leftByReason(MigrationReport report) {
    return report.getLedgerList().stream()
        .filter(entry -> entry.getOutcome() == Outcome.OUTCOME_LEFT_TO_TCP)
        .collect(Collectors.groupingBy(LedgerEntry::getReason, Collectors.counting()));
  }
}
