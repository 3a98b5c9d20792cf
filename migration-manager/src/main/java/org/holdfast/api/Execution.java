package org.holdfast.api;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;

/** A command under way in the engine. */
public interface Execution {

  /** Stands in the journal, the ticket and the logs of both hosts; never used again. */
  String migrationId();

  DomainIdentity domain();

  /** Where it stands now. */
  OperationProgress progress();

  /**
   * Hears of every change. The listener is called with the present state before this returns, then
   * in order, from the engine's threads, never under a lock of the engine; the last call has {@code
   * done} set; it may come a moment after {@link #report()} completes. {@link ProgressFeed} does
   * all that.
   *
   * @return to stop listening; closing it twice does no harm
   */
  Subscription subscribe(Consumer<OperationProgress> listener);

  /**
   * Completes when nothing is left to do, rolled back or forward. Fails only with a {@link
   * HoldfastException}; {@link ErrorCode#CANCELLED} after the roll back of a cancelled one.
   */
  CompletableFuture<MigrationReport> report();

  /**
   * Asks for the operation to be rolled back and returns at once; {@link #report()} tells when that
   * is done.
   *
   * @return whether it can still be rolled back; false once the domain runs on the target or the
   *     operation is done
   */
  boolean cancel();

  /** Ends a listening. */
  @FunctionalInterface
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
