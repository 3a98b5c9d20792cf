package org.holdfast.api;

import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends calls: with what was made, or with the error as {@link StatusMapping} tells it. */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static <T> void give(StreamObserver<T> caller, Supplier<T> making) {
    T answer;
    try {
      answer = making.get();
    } catch (RuntimeException failure) {
      fail(caller, failure);
      return;
    }
    caller.onNext(answer);
    caller.onCompleted();
  }

  static void fail(StreamObserver<?> caller, Throwable error) {
    HoldfastException failure = StatusMapping.asHoldfastException(error);
    if (failure.code() == ErrorCode.INTERNAL) {
      log.error("A call failed in a way that was not foreseen.", failure);
    }
    caller.onError(StatusMapping.toGrpc(failure));
  }
}
