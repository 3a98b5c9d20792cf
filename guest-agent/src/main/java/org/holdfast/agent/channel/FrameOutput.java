package org.holdfast.agent.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers frames and writes them in large pieces: each write to a virtio port makes the VM exit to
 * its host. For one thread.
 */
public final class FrameOutput implements MessageOutput {
  private static final int GATHERED_BYTES = 1 << 20;

  /** Each write leaves the virtual machine: a small one costs as much as this. */
  private static final int WORTH_A_WRITE_BYTES = 32 << 10;

  private @Nullable GuestPort port;
  private final Duration patience;
  private final ByteBuffer gathered = ByteBuffer.allocateDirect(GATHERED_BYTES);
  private final FrameCodec.Writer writer = new FrameCodec.Writer(new Gathering());

  /**
   * @param patience how long the host may take no byte before it counts as gone
   */
  public FrameOutput(Duration patience) {
    this.patience = patience;
  }

  /** From now on this port is written to; what was gathered for another is forgotten. */
  public void attach(GuestPort to) {
    discard();
    port = to;
  }

  @Override
  public void add(GuestMessage message) throws HostGoneException, WireFormatException {
    try {
      writer.write(message);
    } catch (IOException e) {
      throw new HostGoneException(e.getMessage() + "");
    }
  }

  @Override
  public void writeSome() {
    if (gathered.position() >= WORTH_A_WRITE_BYTES) {
      writeWhatFits();
    }
  }

  private void writeWhatFits() {
    GuestPort to = port;
    if (to == null) {
      return;
    }
    gathered.flip();
    while (gathered.hasRemaining() && to.write(gathered) > 0) {
      // more may fit
    }
    gathered.compact();
  }

  @Override
  public void flush() throws HostGoneException {
    writeUntil(0);
  }

  /** Forgets what is gathered: the host for whom it was has gone. */
  public void discard() {
    gathered.clear();
  }

  private void writeUntil(int left) throws HostGoneException {
    GuestPort to = port;
    writeWhatFits();
    long quietSince = System.nanoTime();
    int before = gathered.position();
    while (gathered.position() > left) {
      if (to == null || to.awaitWritable(patience) == GuestPort.Condition.HOST_ABSENT) {
        throw new HostGoneException("the host side of the port is closed");
      }
      writeWhatFits();
      if (gathered.position() < before) {
        before = gathered.position();
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > patience.toNanos()) {
        throw new HostGoneException("the host has read nothing for " + patience.toMillis() + " ms");
      }
    }
  }

  private final class Gathering implements WritableByteChannel {
    @Override
    public int write(ByteBuffer frame) throws IOException {
      try {
        if (frame.remaining() > gathered.remaining()) {
          writeUntil(GATHERED_BYTES - frame.remaining());
        }
      } catch (HostGoneException e) {
        throw new IOException(e.getMessage(), e);
      }
      int count = frame.remaining();
      gathered.put(frame);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
