package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel that has no room for what was acknowledged would lose a connection. */
class SocketMemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path directory;
  private Path limits;
  private Path usage;
  private SocketMemory memory;

  @BeforeEach
  void begin() throws IOException {
    limits = directory.resolve("tcp_mem");
    usage = directory.resolve("sockstat");
    memory = new SocketMemory(limits, usage);
    Files.writeString(limits, "5700\t7600\t11400\n");
    use(100);
  }

  private void use(int pages) throws IOException {
    Files.writeString(
        usage,
        "sockets: used 40\nTCP: inuse 9 orphan 0 tw 1 alloc 11 mem "
            + pages
            + "\nUDP: inuse 1 mem 3\n");
  }

  @Test
  void whatFitsChangesNothing() throws IOException {
    memory.makeRoomFor(14 * MIB);

    assertThat(limits).hasContent("5700\t7600\t11400");
  }

  @Test
  void theBoundIsRaisedUntilEnoughWasRead() throws IOException {
    use(7000);
    memory.makeRoomFor(48 * MIB);

    assertThat(limits).hasContent("31577\t31577\t31577");
    use(20_000);
    assertThat(memory.setBackIfRead()).isFalse();
    use(7600);
    assertThat(memory.setBackIfRead()).isTrue();
    assertThat(limits).hasContent("5700\t7600\t11400");
  }

  @Test
  void raisedTwiceItIsSetBackToWhatItWasFirst() throws IOException {
    use(7000);
    memory.makeRoomFor(10 * MIB);
    memory.makeRoomFor(20 * MIB);
    use(10);
    memory.setBackIfRead();

    assertThat(limits).hasContent("5700\t7600\t11400");
  }

  @Test
  void whatAnAdministratorHasSetMeanwhileStays() throws IOException {
    use(7000);
    memory.makeRoomFor(48 * MIB);
    Files.writeString(limits, "1\t2\t3\n");
    use(1);

    assertThat(memory.setBackIfRead()).isTrue();
    assertThat(limits).hasContent("1\t2\t3");
  }

  @Test
  void aGuestThatDoesNotTellIsLeftAlone() throws IOException {
    Files.delete(limits);
    memory.makeRoomFor(48 * MIB);

    assertThat(limits).doesNotExist();
  }
}
