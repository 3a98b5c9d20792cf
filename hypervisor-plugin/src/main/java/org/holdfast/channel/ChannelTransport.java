package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.FrameDecoder;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Frames over the channel's Unix socket: one reader thread, any number of asking ones. Once broken
 * it stays broken, and everybody who waits is told.
 */
final class ChannelTransport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelTransport.class);
  private static final int READ_BYTES = 128 * 1024;
  private static final int REQUEST_TAG =
      GuestMessage.REQUEST_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;

  private final Path path;
  private final SocketChannel socket;
  private final Selector readable;
  private final Duration writeBound;
  private final BoundedWriter boundedWriter;
  private final FrameCodec.Writer writer;
  private final ReentrantLock writing = new ReentrantLock();

  /** Begins anywhere: what an earlier host's questions left in the agent is not taken for ours. */
  private final AtomicLong requests = new AtomicLong(new SecureRandom().nextLong() >>> 1);

  private final Map<Long, PendingAnswer> pending = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable AgentFailure> broken = new AtomicReference<>();
  private final Thread reader;

  /** Of the reader alone. */
  private boolean complained;

  private volatile boolean everHeard;
  private volatile long lastHeardNanos = System.nanoTime();
  private volatile long lastSaidNanos = System.nanoTime();

  private ChannelTransport(Path path, SocketChannel socket, Selector readable, Duration writeBound)
      throws IOException {
    this.path = path;
    this.socket = socket;
    this.readable = readable;
    this.writeBound = writeBound;
    this.boundedWriter = new BoundedWriter(socket);
    this.writer = new FrameCodec.Writer(boundedWriter);
    this.reader = new Thread(this::read, "agent-channel-reader");
    reader.setDaemon(true);
  }

  /**
   * Connects to the socket on which QEMU listens.
   *
   * @param writeBound how long the guest may leave a frame unread
   * @throws AgentFailure ABSENT if nobody listens there
   */
  static ChannelTransport connect(Path path, Duration writeBound) {
    SocketChannel socket = null;
    try {
      socket = SocketChannel.open(StandardProtocolFamily.UNIX);
      socket.connect(UnixDomainSocketAddress.of(path));
      socket.configureBlocking(false);
      Selector readable = Selector.open();
      socket.register(readable, SelectionKey.OP_READ);
      ChannelTransport transport = new ChannelTransport(path, socket, readable, writeBound);
      transport.reader.start();
      return transport;
    } catch (IOException failure) {
      closeQuietly(socket);
      throw new AgentFailure(
          AgentFailure.Code.ABSENT,
          "cannot reach the agent's channel at "
              + path
              + ": "
              + failure.getMessage()
              + " (is the domain running, with a virtio channel org.holdfast.guest.0?)",
          failure);
    }
  }

  /** A number for a request, and the place where its answer will come. */
  PendingAnswer expect(String operation) {
    return expect(operation, false);
  }

  /** The same for a request that is sent again until it is answered. */
  PendingAnswer expectRepeatedly(String operation) {
    return expect(operation, true);
  }

  private PendingAnswer expect(String operation, boolean repeated) {
    long request = requests.incrementAndGet();
    PendingAnswer answer =
        new PendingAnswer(operation, request, repeated, () -> pending.remove(request));
    pending.put(request, answer);
    AgentFailure failure = broken.get();
    if (failure != null) {
      answer.fail(failure);
    }
    return answer;
  }

  /**
   * Sends a message whole.
   *
   * @throws AgentFailure SILENT if the guest does not read, DISCONNECTED if the channel is closed
   */
  void say(HostMessage message) {
    write(
        () -> {
          writer.write(message);
          boundedWriter.flush();
        });
    lastSaidNanos = System.nanoTime();
  }

  /** The same for one that has no answer of its own: it may wait for those that follow. */
  void sayWithNext(HostMessage message) {
    write(() -> writer.write(message));
  }

  /**
   * Sends what waits for others to follow.
   *
   * @throws AgentFailure as {@link #say}
   */
  void flush() {
    write(boundedWriter::flush);
    lastSaidNanos = System.nanoTime();
  }

  /** Something written to the channel. */
  private interface Writing {
    void run() throws IOException, WireFormatException;
  }

  private void write(Writing step) {
    if (!lockForWriting()) {
      throw new AgentFailure(AgentFailure.Code.SILENT, "another message to the agent is stuck");
    }
    try {
      AgentFailure failure = broken.get();
      if (failure != null) {
        throw failure.again();
      }
      boundedWriter.begin(Deadline.in(writeBound));
      step.run();
    } catch (WireFormatException tooLarge) {
      throw new AgentFailure(
          AgentFailure.Code.TOO_LARGE, "a message for the agent is too long", tooLarge);
    } catch (IOException failure) {
      // A part of the frame may be out: the channel is of no use any more.
      throw breakWith(
          new AgentFailure(
              failure instanceof BoundedWriter.StuckException
                  ? AgentFailure.Code.SILENT
                  : AgentFailure.Code.DISCONNECTED,
              "cannot write to the agent's channel at " + path + ": " + failure.getMessage(),
              failure));
    } finally {
      writing.unlock();
    }
  }

  private boolean lockForWriting() {
    try {
      return writing.tryLock(writeBound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AgentFailure(
          AgentFailure.Code.INTERRUPTED, "interrupted before a message to the agent", interrupted);
    }
  }

  /** Whether the agent has ever said a word on this channel. */
  boolean everHeard() {
    return everHeard;
  }

  /** When the agent's last message came, on the scale of System.nanoTime(). */
  long lastHeardNanos() {
    return lastHeardNanos;
  }

  /** When the last message to the agent was out, on the scale of System.nanoTime(). */
  long lastSaidNanos() {
    return lastSaidNanos;
  }

  private void read() {
    FrameDecoder decoder = new FrameDecoder();
    ByteBuffer bytes = ByteBuffer.allocateDirect(READ_BYTES);
    try {
      while (socket.isOpen()) {
        readable.select();
        readable.selectedKeys().clear();
        int count = socket.read(bytes.clear());
        if (count < 0) {
          breakWith(disconnected("the other side closed it", null));
          return;
        }
        take(decoder, bytes.flip());
      }
    } catch (IOException | ClosedSelectorException failure) {
      breakWith(disconnected(String.valueOf(failure.getMessage()), failure));
    } catch (InterruptedException interrupted) {
      breakWith(disconnected("its reader was interrupted", interrupted));
    }
  }

  private void take(FrameDecoder decoder, ByteBuffer bytes) throws InterruptedException {
    long brokenBefore = decoder.brokenFrames();
    for (ByteBuffer payload = decoder.next(bytes); payload != null; payload = decoder.next(bytes)) {
      deliver(payload);
    }
    if (decoder.brokenFrames() != brokenBefore) {
      failAnswers(Breach.BROKEN_FRAME, "a frame arrived broken");
    }
  }

  private void deliver(ByteBuffer payload) throws InterruptedException {
    long request;
    try {
      request = requestOf(payload.duplicate());
    } catch (IOException failure) {
      failAnswers(Breach.NO_MESSAGE, "a frame holds no message");
      return;
    }
    everHeard = true;
    lastHeardNanos = System.nanoTime();
    PendingAnswer answer = pending.get(request);
    if (answer == null) {
      LOG.debug("the agent at {} answered a request nobody waits for", path);
      return;
    }
    answer.put(ByteString.copyFrom(payload));
  }

  /** The number of the request that a message answers; the rest is not taken apart for that. */
  private static long requestOf(ByteBuffer payload) throws IOException {
    CodedInputStream message = CodedInputStream.newInstance(payload);
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == REQUEST_TAG) {
        return message.readUInt64();
      }
      message.skipField(tag);
    }
    return 0;
  }

  /** Whatever is being answered now has a hole. A hello is repeated and need not be told. */
  private void failAnswers(Breach breach, String reason) {
    // Told once: a guest that sends nothing else must not fill the host's log.
    LOG.atLevel(complained ? Level.DEBUG : Level.WARN)
        .log("on the agent's channel at {} {}", path, reason);
    complained = true;
    for (PendingAnswer answer : pending.values()) {
      if (!answer.isRepeated()) {
        answer.fail(answer.malformed(breach, reason));
      }
    }
  }

  private AgentFailure disconnected(String reason, @Nullable Throwable cause) {
    return new AgentFailure(
        AgentFailure.Code.DISCONNECTED,
        "the agent's channel at " + path + " is closed: " + reason,
        cause);
  }

  private AgentFailure breakWith(AgentFailure failure) {
    broken.compareAndSet(null, failure);
    closeQuietly(socket);
    closeQuietly(readable);
    closeQuietly(boundedWriter);
    pending.values().forEach(answer -> answer.fail(failure));
    return failure;
  }

  @Override
  public void close() {
    breakWith(disconnected("it was closed here", null));
  }

  private static void closeQuietly(@Nullable AutoCloseable resource) {
    if (resource == null) {
      return;
    }
    try {
      resource.close();
    } catch (Exception failure) {
      LOG.debug("closing failed", failure);
    }
  }
}
