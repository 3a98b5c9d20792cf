package org.holdfast.takeover.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was read from a copy is acknowledged to its peer: a spool that forgot a byte lost it. */
class SpoolTest {
  private static final int CHUNK = 1000;

  @TempDir Path directory;

  private final byte[] stream = new byte[100_000];
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(CHUNK);
  private int handedIn;

  private SpoolFile file;

  @BeforeEach
  void fillStream() {
    new Random(1).nextBytes(stream);
    file = new SpoolFile(directory);
  }

  @AfterEach
  void closeFile() {
    file.close();
  }

  /** One file for all of them: a daemon's descriptors are few, its connections many. */
  @Test
  void connectionsThatShareAFileKeepApart() throws IOException {
    SpoolSpace space = SpoolSpace.of(1 << 20);
    try (Spool one = spool(space, SpoolSpace.of(CHUNK));
        Spool other = spool(space, SpoolSpace.of(0))) {
      byte[] ofOther = new byte[20 * CHUNK];
      new Random(2).nextBytes(ofOther);
      for (int i = 0; i < 20; i++) {
        int from = i * CHUNK;
        assertThat(one.fill(this::handIn, scratch)).isEqualTo(CHUNK);
        assertThat(other.fill(into -> into.put(ofOther, from, CHUNK), scratch)).isEqualTo(CHUNK);
      }
      assertThat(all(one)).isEqualTo(handedIn());
      assertThat(all(other)).isEqualTo(ofOther);
    }
  }

  @Test
  void bytesComeOutInTheOrderTheyWentInFromMemoryAndFile() throws IOException {
    SpoolSpace memory = SpoolSpace.of(3 * CHUNK);
    try (Spool spool = spool(SpoolSpace.of(1 << 20), memory)) {
      fill(spool, CHUNK, 10);
      fill(spool, 17, 50);
      assertThat(spool.contents(0)).hasSizeGreaterThan(1);
      assertThat(all(spool)).isEqualTo(handedIn());
      fill(spool, CHUNK, 3);
      assertThat(all(spool)).as("a claim that broke is followed by more").isEqualTo(handedIn());
      for (int from : new int[] {1, CHUNK, 3 * CHUNK, 3 * CHUNK + 5, handedIn - 1, handedIn}) {
        assertThat(joined(spool.contents(from)))
            .isEqualTo(Arrays.copyOfRange(stream, from, handedIn));
      }
      assertThat(memory.taken()).isLessThanOrEqualTo(3 * CHUNK);
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void filesHaveNoNameAndLeaveNothingBehind() throws IOException {
    try (Spool spool = spool(SpoolSpace.of(1 << 20), SpoolSpace.of(0))) {
      fill(spool, CHUNK, 1);
      try (var names = Files.list(directory)) {
        assertThat(names).isEmpty();
      }
      assertThat(all(spool)).isEqualTo(handedIn());
    }
  }

  @Test
  void atABoundNothingIsReadAnyMore() {
    SpoolSpace host = SpoolSpace.of(5 * CHUNK);
    SpoolSpace vm = host.part(4 * CHUNK);
    SpoolSpace memory = SpoolSpace.of(1 << 20);
    try (Spool one = spool(vm.part(3 * CHUNK), memory);
        Spool other = spool(vm.part(3 * CHUNK), memory);
        Spool ofAnotherVm = spool(host.part(4 * CHUNK), memory)) {
      assertThat(chunksTaken(one)).as("of the connection").isEqualTo(3);
      assertThat(chunksTaken(other)).as("of the VM").isEqualTo(1);
      assertThat(chunksTaken(ofAnotherVm)).as("of the host").isEqualTo(1);
      assertThat(host.taken()).isEqualTo(5 * CHUNK);
    }
    assertThat(host.taken()).isZero();
  }

  @Test
  void whatWasReadIsKeptWhereTheDiskFails() throws IOException {
    Path noDirectory = Files.createFile(directory.resolve("not-a-directory"));
    try (Spool spool =
        new Spool(new SpoolFile(noDirectory), SpoolSpace.of(1 << 20), SpoolSpace.of(2 * CHUNK))) {
      fill(spool, CHUNK, 3);
      assertThat(spool.fill(this::handIn, scratch)).as("no more is read").isEqualTo(-1);
      assertThat(all(spool)).isEqualTo(handedIn());
      assertThat(joined(spool.contents(handedIn - 1))).hasSize(1);
    }
  }

  private int chunksTaken(Spool spool) {
    int chunks = 0;
    while (spool.fill(this::handIn, scratch) > 0) {
      chunks++;
    }
    return chunks;
  }

  private void fill(Spool spool, int bytes, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(spool.fill(into -> handIn(into.limit(bytes)), scratch)).isEqualTo(bytes);
    }
    assertThat(spool.bytes()).isEqualTo(handedIn);
  }

  private void handIn(ByteBuffer into) {
    int bytes = into.remaining();
    into.put(stream, handedIn, bytes);
    handedIn += bytes;
  }

  private byte[] handedIn() {
    return Arrays.copyOf(stream, handedIn);
  }

  private static byte[] all(Spool spool) throws IOException {
    return joined(spool.contents(0));
  }

  private static byte[] joined(List<ByteBuffer> contents) {
    ByteBuffer all = ByteBuffer.allocate(contents.stream().mapToInt(ByteBuffer::remaining).sum());
    contents.forEach(all::put);
    return all.array();
  }

  private Spool spool(SpoolSpace space, SpoolSpace memory) {
    return new Spool(file, space, memory);
  }
}
