package org.holdfast.migration.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.proto.host.v1.OperationBegun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that starts after a crash must know what was under way, whenever the crash came. */
class JournalTest {
  private static final int FILE_HEADER_BYTES = 8;

  @TempDir Path directory;

  private Path path;
  private final MigrationStateMachine machine = new MigrationStateMachine();

  @BeforeEach
  void choosePath() {
    path = directory.resolve("deeper/journal");
  }

  private static OperationBegun begun(String domain) {
    return OperationBegun.newBuilder()
        .setDomainName(domain)
        .setSuspending(OperationBegun.Suspending.getDefaultInstance())
        .build();
  }

  /** Without closing it first: a killed daemon does not. */
  @Test
  void everyTransitionIsThereWhenTheNextDaemonReads() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("a", begun("web1"));
    journal.follow("a", machine);
    for (MigrationEvent event :
        new MigrationEvent[] {
          MigrationEvent.PREFLIGHT_PASSED,
          MigrationEvent.TAKE_OVER_TRIGGERED,
          MigrationEvent.TAKEN_OVER,
          MigrationEvent.CLAIMED
        }) {
      machine.fire(event);

      assertThat(Journal.open(copy()).unfinished())
          .containsExactly(new Unfinished("a", begun("web1"), machine.state(), Optional.empty()));
    }
  }

  /** The path itself is the running daemon's. */
  private Path copy() throws IOException {
    return Files.write(directory.resolve("copy"), Files.readAllBytes(path));
  }

  @Test
  void whoWasLetRunTheDomainIsKnownWhateverComesAfter() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("a", begun("web1"));
    journal.follow("a", machine);
    Instant when = Instant.ofEpochMilli(1_800_000_000_123L);
    journal.departed("a", Optional.of(when));
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);

    assertThat(Journal.open(copy()).unfinished())
        .containsExactly(
            new Unfinished("a", begun("web1"), MigrationState.PREPARING, Optional.of(when)));
    journal.departed("a", Optional.empty());
    assertThat(Journal.open(copy()).unfinished("a").orElseThrow().departed()).isEmpty();
  }

  @Test
  void whatHasEndedIsForgotten() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("a", begun("web1"));
    journal.follow("a", machine);
    journal.begin("b", begun("web2"));
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    machine.fire(MigrationEvent.REFUSED);
    assertThat(Journal.open(copy()).unfinished("a")).isEmpty();
    journal.end("b");
    assertThat(Journal.open(copy()).unfinished()).isEmpty();
  }

  /** Whatever byte the crash came at: what is whole counts, and nothing else does. */
  @Test
  void aTornEndIsLeftOut() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("a", begun("web1"));
    journal.follow("a", machine);
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    int whole = endOfRecords();
    machine.fire(MigrationEvent.TAKE_OVER_TRIGGERED);
    byte[] all = Files.readAllBytes(path);
    int end = endOfRecords();
    for (int written = whole; written < end; written++) {
      byte[] torn = all.clone();
      for (int i = written; i < end; i++) {
        torn[i] = 0;
      }
      Path tornPath = Files.write(directory.resolve("torn"), torn);
      assertThat(Journal.open(tornPath).unfinished("a").orElseThrow().state())
          .as("after %d of %d bytes", written - whole, end - whole)
          .isEqualTo(MigrationState.PREPARING);
    }
  }

  private int endOfRecords() throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path)).position(FILE_HEADER_BYTES);
    while (all.getInt(all.position()) != 0) {
      all.position(all.position() + 8 + all.getInt(all.position()));
    }
    return all.position();
  }

  @Test
  void aFileOfAnotherKindIsNotWrittenOver() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "the operator's own notes");
    assertThatThrownBy(() -> Journal.open(other)).hasMessageContaining("no journal");
    assertThat(other).hasContent("the operator's own notes");
  }

  /** Else it would grow for as long as the host runs. */
  @Test
  void itStaysSmall() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("stays", begun("web1"));
    for (int i = 0; i < 12_000; i++) {
      journal.begin("goes", begun("a domain whose name is not the shortest there ever was " + i));
      journal.end("goes");
    }
    assertThat(Files.size(path)).isLessThan(2 << 20);
    assertThat(Journal.open(copy()).unfinished())
        .extracting(Unfinished::migrationId)
        .containsExactly("stays");
  }

  @Test
  void whatCannotBeNotedIsNotBegun() throws IOException {
    Journal journal = Journal.open(path);
    journal.close();
    assertThatThrownBy(() -> journal.begin("a", begun("web1")))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.JOURNAL_FAILED));
  }

  /** An operation that has begun must come to its end, whatever the disk says. */
  @Test
  void aTransitionThatCannotBeNotedIsTakenAllTheSame() throws IOException {
    Journal journal = Journal.open(path);
    journal.begin("a", begun("web1"));
    journal.follow("a", machine);
    journal.close();
    assertThat(machine.fire(MigrationEvent.PREFLIGHT_PASSED)).isEqualTo(MigrationState.PREPARING);
  }
}
