package org.holdfast.api;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of this daemon: those under way, and the last of those finished.
 *
 * <p>Here is decided that a domain has one operation at a time, and that a request sent twice with
 * the same request_id begins one operation (AIP-155). The engine is never called under the lock.
 */
public final class OperationRegistry {
  private static final Logger log = LoggerFactory.getLogger(OperationRegistry.class);

  /** A request that was given an id, and the operation it began or is just beginning. */
  private record Requested(Message request, CompletableFuture<OperationRecord> operation) {}

  /** Part of a list, newest first. */
  record Page(List<OperationRecord> operations, String nextToken) {}

  private final int finishedRemembered;
  private final Object lock = new Object();
  private final TreeMap<Long, OperationRecord> operations = new TreeMap<>();
  private final Map<String, Requested> requests = new HashMap<>();
  private final Set<UUID> beginning = new HashSet<>();
  private long nextSequence = 1;
  private boolean closed;

  /**
   * @param finishedRemembered how many finished operations can still be asked about
   */
  public OperationRegistry(int finishedRemembered) {
    this.finishedRemembered = finishedRemembered;
  }

  /**
   * Begins an operation, or finds the one that the same request began before.
   *
   * @param requestId the caller's, or empty
   * @param request what was asked, to tell a repetition from a mistake
   * @param identify finds the domain
   * @param begin begins the execution; called at most once
   * @throws HoldfastException what {@code identify} and {@code begin} throw, and {@link
   *     ErrorCode#ALREADY_MIGRATING}
   */
  OperationRecord begin(
      String requestId,
      Message request,
      Supplier<DomainIdentity> identify,
      Function<DomainIdentity, Execution> begin) {
    Requested mine = new Requested(request, new CompletableFuture<>());
    if (!requestId.isEmpty()) {
      Requested earlier = remember(requestId, mine);
      if (earlier != null) {
        return repeated(requestId, request, earlier);
      }
    }
    try {
      OperationRecord operation = beginAlone(requestId, identify.get(), begin);
      mine.operation().complete(operation);
      operation.finished().thenAccept(this::onFinished);
      return operation;
    } catch (RuntimeException refused) {
      synchronized (lock) {
        requests.remove(requestId, mine);
      }
      mine.operation().completeExceptionally(refused);
      throw refused;
    }
  }

  private @Nullable Requested remember(String requestId, Requested mine) {
    synchronized (lock) {
      return requests.putIfAbsent(requestId, mine);
    }
  }

  private static OperationRecord repeated(String requestId, Message request, Requested earlier) {
    if (!earlier.request().equals(request)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "The request id " + requestId + " was used before for a different request.",
          "Use a new request_id for a new request.");
    }
    try {
      return earlier.operation().join();
    } catch (CompletionException refused) {
      throw StatusMapping.asHoldfastException(refused);
    }
  }

  private OperationRecord beginAlone(
      String requestId, DomainIdentity domain, Function<DomainIdentity, Execution> begin) {
    synchronized (lock) {
      if (closed) {
        throw new HoldfastException(
            ErrorCode.SHUTTING_DOWN, "The daemon is about to stop and begins nothing new.");
      }
      if (isBusy(domain.uuid()) || !beginning.add(domain.uuid())) {
        throw new HoldfastException(
            ErrorCode.ALREADY_MIGRATING,
            "Domain " + domain.name() + " has another operation under way.");
      }
    }
    try {
      Execution execution = begin.apply(domain);
      synchronized (lock) {
        OperationRecord operation = new OperationRecord(nextSequence++, requestId, execution);
        operations.put(operation.sequence(), operation);
        return operation;
      }
    } finally {
      synchronized (lock) {
        beginning.remove(domain.uuid());
      }
    }
  }

  /** Asks the operations themselves: one that a caller saw done never stands in the way. */
  private boolean isBusy(UUID domain) {
    return operations.values().stream()
        .anyMatch(known -> known.domain().uuid().equals(domain) && !known.isDone());
  }

  private void onFinished(OperationRecord operation) {
    log.info("{} on domain {} is done.", operation.name(), operation.domain().name());
    synchronized (lock) {
      List<OperationRecord> finished =
          operations.values().stream().filter(OperationRecord::isDone).toList();
      finished.stream()
          .limit(Math.max(0, finished.size() - finishedRemembered))
          .forEach(this::forget);
    }
  }

  private void forget(OperationRecord operation) {
    operations.remove(operation.sequence());
    requests.remove(operation.requestId());
  }

  /**
   * @param name "operations/..."
   * @throws HoldfastException {@link ErrorCode#OPERATION_NOT_FOUND}
   */
  OperationRecord get(String name) {
    synchronized (lock) {
      return operations.values().stream()
          .filter(operation -> operation.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new HoldfastException(
                      ErrorCode.OPERATION_NOT_FOUND, "There is no operation \"" + name + "\"."));
    }
  }

  /**
   * @param size at most so many
   * @param token of the page before, or empty
   * @param done only those that are done or are not; null: all
   */
  Page list(int size, String token, @Nullable Boolean done) {
    long before = Paging.start(token, Long.MAX_VALUE);
    List<OperationRecord> page = new ArrayList<>();
    synchronized (lock) {
      for (OperationRecord operation : operations.headMap(before, false).descendingMap().values()) {
        if (done != null && operation.isDone() != done) {
          continue;
        }
        if (page.size() == size) {
          return new Page(page, Paging.token(page.get(size - 1).sequence()));
        }
        page.add(operation);
      }
    }
    return new Page(page, "");
  }

  /**
   * Forgets a finished operation.
   *
   * @throws HoldfastException {@link ErrorCode#OPERATION_NOT_FOUND}, {@link
   *     ErrorCode#OPERATION_NOT_DONE}
   */
  void delete(String name) {
    OperationRecord operation = get(name);
    if (!operation.isDone()) {
      throw new HoldfastException(
          ErrorCode.OPERATION_NOT_DONE, "The operation \"" + name + "\" is still under way.");
    }
    synchronized (lock) {
      forget(operation);
    }
  }

  /** From now on nothing new begins; what is under way goes on. */
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }
}
