package org.holdfast.takeover.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.holdfast.linux.NamelessFile;
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

  private SpoolFiles files;

  @BeforeEach
  void fillStream() {
    new Random(1).nextBytes(stream);
    files = SpoolFiles.in(directory, made -> {}, made -> {});
  }

  @AfterEach
  void closeFile() {
    files.close();
  }

  /** One file for all of them: a daemon's descriptors are few, its connections many. */
  @Test
  void connectionsThatShareAFileKeepApart() throws IOException {
    SpoolSpace space = SpoolSpace.of(1 << 20);
    try (Spool one = spool(space, SpoolSpace.of(CHUNK));
        Spool other = new Spool(files, 2, space, SpoolSpace.of(0))) {
      byte[] ofOther = new byte[20 * CHUNK];
      new Random(2).nextBytes(ofOther);
      for (int i = 0; i < 20; i++) {
        int from = i * CHUNK;
        assertThat(one.fill(source(CHUNK), scratch)).isEqualTo(CHUNK);
        Spool.Source another = source(into -> into.put(ofOther, from, CHUNK), count -> {});
        assertThat(other.fill(another, scratch)).isEqualTo(CHUNK);
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
  void whereTheDiskFailsNothingMoreIsTaken() throws IOException {
    Path noDirectory = Files.createFile(directory.resolve("not-a-directory"));
    SpoolSpace space = SpoolSpace.of(1 << 20);
    try (SpoolFiles failing = SpoolFiles.in(noDirectory, made -> {}, made -> {});
        Spool spool = new Spool(failing, 1, space, SpoolSpace.of(2 * CHUNK))) {
      fill(spool, CHUNK, 2);
      assertThat(spool.fill(source(CHUNK), scratch)).isEqualTo(-1);
      assertThat(handedIn).as("the third stays where it was").isEqualTo(2 * CHUNK);
      assertThat(spool.fill(source(CHUNK), scratch)).as("nor is it tried again").isEqualTo(-1);
      assertThat(all(spool)).isEqualTo(handedIn());
      assertThat(space.taken()).isEqualTo(2 * CHUNK);
    }
  }

  /** Between writing and discarding a byte is in both places, and must count once. */
  @Test
  void whoeverGoesOnAfterAKillHasEachByteOnce() throws IOException {
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      handedIn = 0;
      List<NamelessFile> memory = new ArrayList<>();
      List<NamelessFile> disk = new ArrayList<>();
      SpoolFiles first = SpoolFiles.in(directory, memory::add, disk::add);
      Spool spool = new Spool(first, 1, SpoolSpace.of(1 << 20), SpoolSpace.of(4 * CHUNK));
      for (int life = 0; life < 4; life++) {
        int runs = random.nextInt(6);
        for (int i = 0; i < runs; i++) {
          spool.fill(source(1 + random.nextInt(CHUNK)), scratch);
        }
        if (random.nextBoolean()) {
          killedBeforeDiscarding(spool, 1 + random.nextInt(CHUNK));
        }
        SpoolFiles written = SpoolFiles.in(directory, memory::add, disk::add);
        SpoolSpace space = SpoolSpace.of(1 << 20);
        Spool next = new Spool(written, 1, space, SpoolSpace.of(4 * CHUNK));
        next.goOn(written.goOn(memory, disk), handedIn);
        assertThat(next.bytes()).isEqualTo(handedIn);
        assertThat(all(next)).as("round %d, life %d", round, life).isEqualTo(handedIn());
        assertThat(space.taken()).isEqualTo(handedIn);
        spool = next;
      }
      memory.forEach(NamelessFile::close);
      disk.forEach(NamelessFile::close);
    }
  }

  private void killedBeforeDiscarding(Spool spool, int bytes) {
    Spool.Source dying =
        source(
            into -> into.put(stream, handedIn, bytes),
            count -> {
              throw new IllegalStateException("killed");
            });
    assertThatThrownBy(() -> spool.fill(dying, scratch)).hasMessage("killed");
  }

  private int chunksTaken(Spool spool) {
    int chunks = 0;
    while (spool.fill(source(CHUNK), scratch) > 0) {
      chunks++;
    }
    return chunks;
  }

  private void fill(Spool spool, int bytes, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(spool.fill(source(bytes), scratch)).isEqualTo(bytes);
    }
    assertThat(spool.bytes()).isEqualTo(handedIn);
  }

  /** Has the next bytes of the stream, so many at a time. */
  private Spool.Source source(int bytes) {
    return source(into -> into.put(stream, handedIn, bytes), count -> handedIn += count);
  }

  private static Spool.Source source(Consumer<ByteBuffer> peek, IntConsumer discard) {
    return new Spool.Source() {
      @Override
      public void peek(ByteBuffer into) {
        peek.accept(into);
      }

      @Override
      public void discard(int count) {
        discard.accept(count);
      }
    };
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
    return new Spool(files, 1, space, memory);
  }
}
