package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import org.holdfast.agent.proc.KernelText;
import org.junit.jupiter.api.Test;

/** A guest that did not say what its sockets may have would be given more than it can take. */
class GuestFactsTest {
  private static final Path TCP_MEM = Path.of("/proc/sys/net/ipv4/tcp_mem");

  @Test
  void saysHowMuchMemoryTheGuestsSocketsMayHave() {
    assumeTrue(Files.exists(TCP_MEM), "tcp_mem is told in the first network namespace only");
    Scanner pages = new Scanner(KernelText.read(TCP_MEM).orElseThrow());
    pages.nextLong();

    assertThat(GuestFacts.read("", false).hello().getSocketMemoryBytes())
        .isEqualTo(pages.nextLong() * 4096)
        .isPositive();
  }
}
