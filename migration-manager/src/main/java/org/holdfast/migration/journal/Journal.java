package org.holdfast.migration.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.migration.state.TransitionTable;
import org.holdfast.proto.host.v1.Departed;
import org.holdfast.proto.host.v1.Ended;
import org.holdfast.proto.host.v1.JournalRecord;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.proto.host.v1.Transition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is under way on this host. A transition of an operation that is followed is on disk before
 * whoever fired its event goes on. Safe for use by several threads.
 */
public final class Journal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  /** Beyond this it is written anew, without what has ended. */
  private static final long MOST_BYTES = 1 << 20;

  private final Path path;

  /** Of each operation under way, how it began, and what counts of what came since. */
  private final Map<String, List<JournalRecord>> live = new LinkedHashMap<>();

  private JournalFile file;

  private Journal(Path path, List<JournalRecord> records) throws IOException {
    this.path = path;
    records.forEach(this::remember);
    this.file = JournalFile.replace(path, liveRecords());
  }

  /**
   * Opens it, and makes it if there is none.
   *
   * @throws IOException it cannot be read or written
   */
  public static Journal open(Path path) throws IOException {
    List<JournalRecord> records = new ArrayList<>();
    for (byte[] record : JournalFile.read(path)) {
      try {
        records.add(JournalRecord.parseFrom(record));
      } catch (InvalidProtocolBufferException e) {
        throw new IOException(path + " has a record that is none", e);
      }
    }
    return new Journal(path, records);
  }

  private void remember(JournalRecord record) {
    String id = record.getMigrationId();
    switch (record.getBodyCase()) {
      case BEGUN -> live.put(id, new ArrayList<>(List.of(record)));
      case TRANSITION -> {
        replace(record);
        if (stateOf(record).isFinal()) {
          live.remove(id);
        }
      }
      case DEPARTED -> replace(record);
      case ENDED -> live.remove(id);
      case BODY_NOT_SET -> log.warn("{}: a record of a kind unknown here is left out", path);
    }
  }

  /** Of each kind the last one counts. */
  private void replace(JournalRecord record) {
    List<JournalRecord> known = live.get(record.getMigrationId());
    if (known != null) {
      known.removeIf(earlier -> earlier.getBodyCase() == record.getBodyCase());
      known.add(record);
    }
  }

  private List<byte[]> liveRecords() {
    return live.values().stream().flatMap(List::stream).map(JournalRecord::toByteArray).toList();
  }

  private static MigrationState stateOf(JournalRecord record) {
    return MigrationState.valueOf(record.getTransition().getState());
  }

  /** What has no end, in the order in which it began. */
  public synchronized List<Unfinished> unfinished() {
    List<Unfinished> unfinished = new ArrayList<>();
    live.forEach((id, records) -> unfinished.add(unfinished(id, records)));
    return unfinished;
  }

  private static Unfinished unfinished(String id, List<JournalRecord> records) {
    MigrationState state = MigrationState.PREPARING;
    Optional<Instant> departed = Optional.empty();
    for (JournalRecord record : records) {
      if (record.hasTransition()) {
        state = stateOf(record);
      } else if (record.hasDeparted() && !record.getDeparted().getCameBack()) {
        departed = Optional.of(Instant.ofEpochMilli(record.getDeparted().getUnixMillis()));
      }
    }
    return new Unfinished(id, records.get(0).getBegun(), state, departed);
  }

  /** The same of one operation. */
  public Optional<Unfinished> unfinished(String migrationId) {
    return unfinished().stream().filter(one -> one.migrationId().equals(migrationId)).findFirst();
  }

  /**
   * Notes that an operation begins.
   *
   * @throws HoldfastException JOURNAL_FAILED if it is not on disk; then it must not begin
   */
  public synchronized void begin(String migrationId, OperationBegun begun) {
    JournalRecord record =
        JournalRecord.newBuilder().setMigrationId(migrationId).setBegun(begun).build();
    try {
      if (file.bytes() > MOST_BYTES) {
        file.close();
        file = JournalFile.replace(path, liveRecords());
      }
      file.makeRoom();
      file.append(record.toByteArray());
    } catch (IOException e) {
      throw new HoldfastException(
          ErrorCode.JOURNAL_FAILED,
          "The operation could not be noted in %s: %s".formatted(path, e.getMessage()),
          ErrorCode.JOURNAL_FAILED.usualRemedy(),
          e);
    }
    remember(record);
  }

  /** From now on each transition of {@code machine} is noted, until it stands still. */
  public void follow(String migrationId, MigrationStateMachine machine) {
    machine.addListener(taken -> note(migrationId, taken));
  }

  private void note(String migrationId, TransitionTable.Transition taken) {
    append(
        JournalRecord.newBuilder()
            .setMigrationId(migrationId)
            .setTransition(
                Transition.newBuilder().setEvent(taken.event().name()).setState(taken.to().name()))
            .build());
  }

  /**
   * Notes that the target of a migration was let run the domain.
   *
   * @param when empty if it never did after all
   */
  public void departed(String migrationId, Optional<Instant> when) {
    Departed departed =
        Departed.newBuilder()
            .setUnixMillis(when.map(Instant::toEpochMilli).orElse(0L))
            .setCameBack(when.isEmpty())
            .build();
    append(JournalRecord.newBuilder().setMigrationId(migrationId).setDeparted(departed).build());
  }

  /** Notes that nothing is left to do. */
  public void end(String migrationId) {
    append(
        JournalRecord.newBuilder()
            .setMigrationId(migrationId)
            .setEnded(Ended.getDefaultInstance())
            .build());
  }

  /**
   * A disk that fails now must not end what has begun: what is held is known to whoever keeps it,
   * and the rest is seen by looking at the domain.
   */
  private synchronized void append(JournalRecord record) {
    if (!live.containsKey(record.getMigrationId())) {
      return;
    }
    remember(record);
    try {
      file.append(record.toByteArray());
    } catch (IOException e) {
      log.error("{}: a transition could not be noted, and the operation goes on", path, e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      log.warn("{} did not close", path, e);
    }
  }
}
