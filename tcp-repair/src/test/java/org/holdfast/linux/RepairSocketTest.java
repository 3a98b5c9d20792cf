package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.tcp.RepairSocket.AfterExport.LEAVE_SILENTLY;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.RepairSocket.Conformed;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each step of a takeover, with enough traffic after it to trust it. */
@Tag("kernel")
class RepairSocketTest {
  private static final int SOME_RETRANSMISSIONS_MILLIS = 10_000;

  private NetworkNamespaces network;

  @BeforeEach
  void buildNetwork() {
    network = new NetworkNamespaces();
  }

  @AfterEach
  void removeNetwork() {
    network.close();
  }

  @ParameterizedTest
  @EnumSource
  void anExportedSocketWorksOn(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family);
        RepairSocket socket = pair.adoptGuest()) {
      pair.peer().send(Traffic.bytes(1, 100_000));
      socket.export(AfterExport.LEAVE_SILENTLY);
      Traffic.expect(pair.guest(), Traffic.bytes(1, 100_000));
      Traffic.exchange(pair.guest(), pair.peer());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCopyTakesTheConnectionOver(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      ByteBuffer unread = Traffic.bytes(2, 60_000);
      ByteBuffer queued = Traffic.bytes(3, 3_000_000);
      pair.peer().send(unread);
      pair.guest().sendWhatFits(queued);
      int sent = queued.position();
      try (Takeover takeover = Takeover.of(network, pair);
          AppSocket copy = AppSocket.of(takeover.copy().descriptor(), family)) {
        assertThat(takeover.exported().receiveQueueBytes()).isEqualTo(60_000);
        Traffic.expect(copy, unread);
        Traffic.expect(pair.peer(), queued.flip());
        assertThat(sent).isPositive();
        Traffic.exchange(copy, pair.peer());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOriginalGoesOnWhereItsCopyStopped(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      ByteBuffer unread = Traffic.bytes(4, 60_000);
      ByteBuffer queued = Traffic.bytes(5, 3_000_000);
      pair.peer().send(unread);
      pair.guest().sendWhatFits(queued);
      queued.flip();
      try (Takeover takeover = Takeover.of(network, pair)) {
        Traffic.expect(pair.peer(), queued.slice(0, queued.limit() / 2));
        ByteBuffer whileHeld = Traffic.bytes(6, Traffic.ENOUGH_BYTES);
        Traffic.sending(pair.peer(), whileHeld).join();
        Traffic.expect(pair.guest(), unread.slice(0, 20_000));
        ByteBuffer writtenSince = Traffic.bytes(7, 50_000);
        int written = pair.guest().sendWhatFits(writtenSince);
        Conformed conformed = takeover.giveBack();
        assertThat(conformed.writtenSince()).isEqualTo(written);
        assertThat(conformed.acknowledged()).isGreaterThanOrEqualTo(queued.limit() / 4);
        Traffic.expect(pair.guest(), unread.slice(20_000, 40_000));
        Traffic.expect(pair.guest(), whileHeld);
        Traffic.expect(
            pair.peer(), queued.slice(queued.limit() / 2, queued.limit() - queued.limit() / 2));
        Traffic.expect(pair.peer(), writtenSince.flip());
        Traffic.exchange(pair.guest(), pair.peer());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasNeverSentCanFollowTheCopyInPart(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      ByteBuffer queued = Traffic.bytes(8, 3_000_000);
      pair.guest().forceSendBuffer(2 * queued.capacity());
      pair.guest().sendWhatFits(queued);
      queued.flip();
      try (Takeover takeover = Takeover.withoutUnsent(network, pair)) {
        TcpExport whole =
            network
                .in(Place.GUEST)
                .call(() -> Takeover.detached(takeover.original().export(LEAVE_SILENTLY)));
        int unsent = whole.snapshot().sendEnd() - takeover.exported().sendEnd();
        assertThat(unsent).isGreaterThan(1_000_000);
        ByteBuffer queue = whole.sendQueue();
        takeover.copy().append(queue.slice(queue.limit() - unsent, 2 * unsent / 3));
        Traffic.expect(pair.peer(), queued.slice(0, queued.limit() / 2));
        takeover.giveBack();
        Traffic.expect(
            pair.peer(), queued.slice(queued.limit() / 2, queued.limit() - queued.limit() / 2));
        Traffic.exchange(pair.guest(), pair.peer());
      }
    }
  }

  /** What was written behind the fence was with the agent alone, from the conforming on. */
  @ParameterizedTest
  @EnumSource
  void anAgentThatDiesBeforeItsReleaseLeavesNoGapInWhatIsSent(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      Traffic.exchange(pair.guest(), pair.peer());
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.guest().sendWhatFits(Traffic.bytes(3, 10_000));
        takeover.conforming();
        goOn(pair);
        assertThat(pair.guest().state()).isEqualTo(TcpState.CLOSE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAgentThatDiesWithNothingCostsNothing(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      ByteBuffer sent = Traffic.bytes(9, 10_000);
      network.fence(Place.GUEST);
      pair.guest().send(sent);
      try (Takeover takeover = Takeover.of(network, pair)) {
        Traffic.expect(pair.peer(), sent);
        takeover.conforming();
        goOn(pair);
        network.open(Place.GUEST);
        Traffic.exchange(pair.guest(), pair.peer());
      }
    }
  }

  /** As the next agent does. */
  private void goOn(TcpPair pair) {
    RepairSocket found = pair.adoptGuest();
    network
        .in(Place.GUEST)
        .call(
            () -> {
              found.goOn(0);
              return true;
            });
    found.close();
  }

  /** A disconnect would have it begin to count anew. */
  @ParameterizedTest
  @EnumSource
  void oneThatOnlyReceivedIsNotDisconnected(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      Traffic.sending(pair.peer(), Traffic.bytes(9, 1_000_000));
      Traffic.expect(pair.guest(), Traffic.bytes(9, 1_000_000));
      try (Takeover takeover = Takeover.of(network, pair)) {
        ByteBuffer whileHeld = Traffic.bytes(10, 50_000);
        pair.peer().send(whileHeld);
        await(() -> SocketQueues.unread(takeover.copy().descriptor()) == whileHeld.limit());
        takeover.giveBack();
        Traffic.expect(pair.guest(), whileHeld);
        assertThat(TcpCalls.ofThread().info(pair.guest().descriptor()).bytesReceived())
            .isEqualTo(1_050_000);
        Traffic.exchange(pair.guest(), pair.peer());
      }
    }
  }

  /** What repair puts into a queue it tells nobody. */
  @ParameterizedTest
  @EnumSource
  void whoWaitsForBytesIsToldOfThoseReceivedMeanwhile(SocketFamily family) throws Exception {
    try (TcpPair pair = TcpPair.connect(network, family);
        EventPoll application = new EventPoll()) {
      application.watch(pair.guest().descriptor(), 0, 1);
      CompletableFuture<Integer> waiting =
          CompletableFuture.supplyAsync(() -> application.await(Duration.ofSeconds(10)));
      Thread.sleep(200); // it waits in the kernel by now
      try (Takeover takeover = Takeover.of(network, pair)) {
        ByteBuffer whileHeld = Traffic.bytes(11, 50_000);
        pair.peer().send(whileHeld);
        await(() -> SocketQueues.unread(takeover.copy().descriptor()) == whileHeld.limit());
        takeover.giveBack();
        assertThat(waiting.join()).as("sockets that are ready").isEqualTo(1);
        Traffic.expect(pair.guest(), whileHeld);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyTimesInARow(SocketFamily family) {
    try (TcpPair pair = TcpPair.connectOut(network, family)) {
      for (int round = 0; round < 5; round++) {
        try (Takeover takeover = Takeover.of(network, pair)) {
          ByteBuffer whileHeld = Traffic.bytes(round, 200_000);
          pair.peer().send(whileHeld);
          takeover.giveBack();
          Traffic.expect(pair.guest(), whileHeld);
        }
      }
      Traffic.exchange(pair.guest(), pair.peer());
    }
  }

  /** Linux computes the timeouts of such a connection in 32 bits of microseconds. */
  @Test
  void aClockOfMicrosecondsMakesNobodyImpatient() throws Exception {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4);
        RepairSocket original = pair.adoptGuest()) {
      TcpSnapshot exported = original.export(AfterExport.LEAVE_SILENTLY).snapshot();
      network.fence(Place.GUEST);
      try (RepairSocket copy = copyWithMicroseconds(exported)) {
        copy.release();
        AppSocket.sharing(copy.descriptor(), SocketFamily.IPV4)
            .sendWhatFits(Traffic.bytes(9, 1000));

        Thread.sleep(SOME_RETRANSMISSIONS_MILLIS);

        assertThat(copy.state()).isEqualTo(TcpState.ESTABLISHED);
      }
    }
  }

  /** The holder's port stays fenced: nobody acknowledges what it sends. */
  private RepairSocket copyWithMicroseconds(TcpSnapshot exported) {
    TcpSnapshot counting =
        new TcpSnapshot(
            exported.family(),
            exported.local(),
            exported.peer(),
            exported.state(),
            exported.sendEnd(),
            exported.receiveEnd(),
            0,
            0,
            0,
            exported.options(),
            exported.timestamp() | 1,
            exported.window(),
            exported.roundTripTime(),
            exported.congestionControl(),
            false,
            false,
            0,
            0);
    ByteBuffer nothing = ByteBuffer.allocateDirect(0);
    return network
        .in(Place.HOLDER)
        .call(
            () -> {
              RepairSocket socket = new LinuxTcpSockets().create(SocketFamily.IPV4);
              socket.recreate(new TcpExport(counting, nothing, nothing), 1 << 20);
              return socket;
            });
  }

  /** An agent in a small guest would keep it until the next migration. */
  @Test
  void memoryOfLongQueuesIsGivenBack() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4);
        RepairSocket socket = pair.adoptGuest()) {
      pair.guest().sendWhatFits(Traffic.bytes(8, 9_000_000));
      long before = directMemory();
      int queued = socket.export(AfterExport.LEAVE_SILENTLY).sendQueue().remaining();
      assertThat(queued).isGreaterThan(100_000);
      assertThat(directMemory() - before).isGreaterThanOrEqualTo(queued);

      LinuxTcpSockets.forgetMemory();

      await(() -> directMemory() - before < queued);
    }
  }

  /** Memory outside the heap is freed by the collector, a little later. */
  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
      System.gc();
    }
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** The bound on unsent bytes is for the application's writing, not for the release. */
  @Test
  void whatWasWrittenWhileHeldGoesOutWhateverItsBound() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      pair.guest().setOption(LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_NOTSENT_LOWAT, 8_192);
      try (Takeover takeover = Takeover.of(network, pair)) {
        ByteBuffer written = Traffic.bytes(8, 2_000_000);
        int bytes = pair.guest().sendWhatFits(written);
        assertThat(takeover.giveBack().writtenSince()).isEqualTo(bytes).isGreaterThan(8_192);
        Traffic.expect(pair.peer(), written.flip());
      }
      Traffic.exchange(pair.guest(), pair.peer());
    }
  }

  /** A byte that is missing in the middle is worse than a connection that has ended. */
  @Test
  void whereWrittenBytesFindNoRoomTheConnectionEndsForBoth() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.guest().forceSendBuffer(4 << 20);
        assertThat(pair.guest().sendWhatFits(Traffic.bytes(8, 2_000_000))).isPositive();
        Takeover.Conforming conforming = takeover.conforming();
        assertThat(conforming.conformed().unsent()).isGreaterThan(500_000);
        pair.guest().setOption(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUF, 1);

        assertThatThrownBy(conforming::finish).isInstanceOf(TcpRepairException.class);
        takeover.copy().close();
      }
      assertThat(pair.guest().state()).isEqualTo(TcpState.CLOSE);
      await(() -> pair.peer().state() == TcpState.CLOSE);
    }
  }

  @Test
  void buffersThatTheKernelSizesStillGrowByThemselves() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      ByteBuffer whileHeld = Traffic.bytes(9, Traffic.ENOUGH_BYTES);
      try (Takeover takeover = Takeover.of(network, pair)) {
        Traffic.sending(pair.peer(), whileHeld).join();
        assertThat(takeover.giveBack().autoTuningLost()).isFalse();
      }
      assertThat(pair.guest().option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_BUF_LOCK))
          .isZero();
      assertThat(pair.guest().option(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_RCVBUF))
          .isLessThanOrEqualTo(6 << 20);
      Traffic.expect(pair.guest(), whileHeld);
      Traffic.exchange(pair.guest(), pair.peer());
    }
  }
}
