package org.holdfast.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.proto.v1.OperationProgress;
import org.junit.jupiter.api.Test;

class ProgressFeedTest {
  private final ProgressFeed feed = new ProgressFeed(at(0));

  private static OperationProgress at(int iteration) {
    return OperationProgress.newBuilder().setMemoryIteration(iteration).build();
  }

  @Test
  void aListenerHearsThePresentAndThenEverythingInOrder() {
    feed.publish(at(1));
    List<Integer> heard = new ArrayList<>();
    feed.subscribe(progress -> heard.add(progress.getMemoryIteration()));

    feed.publish(at(2));
    feed.publish(at(3));

    assertThat(heard).containsExactly(1, 2, 3);
  }

  @Test
  void whoStoppedListeningHearsNothing() {
    List<Integer> heard = new ArrayList<>();
    Execution.Subscription subscription =
        feed.subscribe(progress -> heard.add(progress.getMemoryIteration()));

    subscription.close();
    subscription.close();
    feed.publish(at(1));

    assertThat(heard).containsExactly(0);
  }

  @Test
  void nothingFollowsTheEnd() {
    List<OperationProgress> heard = new ArrayList<>();
    feed.subscribe(heard::add);

    feed.publish(at(1).toBuilder().setDone(true).build());
    feed.publish(at(2));

    assertThat(heard).hasSize(2);
    assertThat(feed.latest().getDone()).isTrue();
  }

  @Test
  void aListenerThatFailsHurtsNobody() {
    List<Integer> heard = new ArrayList<>();
    feed.subscribe(
        progress -> {
          throw new IllegalStateException("a broken listener");
        });
    feed.subscribe(progress -> heard.add(progress.getMemoryIteration()));

    feed.publish(at(1));

    assertThat(heard).containsExactly(0, 1);
  }

  @Test
  void aSlowListenerDoesNotHoldThePublisherUpAndMissesNothing() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(4);
    List<Integer> heard = Collections.synchronizedList(new ArrayList<>());
    Thread slow =
        new Thread(
            () ->
                feed.subscribe(
                    progress -> {
                      entered.countDown();
                      awaitOrFail(goOn);
                      heard.add(progress.getMemoryIteration());
                      all.countDown();
                    }));
    slow.start();
    awaitOrFail(entered);

    feed.publish(at(1)); // would hang here if the listener were called under the lock
    feed.publish(at(2));
    feed.publish(at(3));
    goOn.countDown();

    awaitOrFail(all);
    assertThat(heard).containsExactly(0, 1, 2, 3);
    slow.join();
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
