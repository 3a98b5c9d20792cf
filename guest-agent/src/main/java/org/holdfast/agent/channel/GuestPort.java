package org.holdfast.agent.channel;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.linux.CharacterDevice;
import org.holdfast.linux.Descriptors;
import org.holdfast.linux.PollSet;
import org.holdfast.linux.UnixStream;

/**
 * The guest's end of the channel: a virtio-serial port, or a Unix socket that stands for one. Never
 * blocks but in {@link #await}. For one thread.
 *
 * <p>A virtio port stays open when the host side closes: it then polls as hung up and reads as
 * empty, until the host comes back. A socket's end is final.
 */
public final class GuestPort implements AutoCloseable {
  /** What can be done with the port now. */
  public enum Condition {
    /** Something can be read or, if that was asked for, written. */
    READY,
    /** Nothing yet. */
    QUIET,
    /** Nobody listens on the host's side. */
    HOST_ABSENT
  }

  private final int descriptor;
  private final boolean survivesHangUp;
  private final PollSet poll;

  private GuestPort(int descriptor, boolean survivesHangUp) {
    this.descriptor = descriptor;
    this.survivesHangUp = survivesHangUp;
    this.poll = new PollSet(descriptor);
  }

  /**
   * Opens the port.
   *
   * @param path of the character device, or of a Unix socket somebody listens on
   * @throws org.holdfast.linux.KernelException if there is none, or another process has it
   */
  public static GuestPort open(Path path) {
    // A device file is "other" as a socket is; only a socket refuses to be opened as a file.
    if (isSocket(path)) {
      return new GuestPort(UnixStream.connect(path), false);
    }
    return new GuestPort(CharacterDevice.open(path).descriptor(), true);
  }

  private static boolean isSocket(Path path) {
    try {
      int mode = (Integer) Files.getAttribute(path, "unix:mode");
      return (mode & 0170000) == 0140000;
    } catch (java.io.IOException absent) {
      return false;
    }
  }

  /** Whether the port is still good when the host has gone. */
  public boolean survivesHangUp() {
    return survivesHangUp;
  }

  /**
   * Waits until the port can be read.
   *
   * @param bound at most this long; an absent host is told at once
   */
  public Condition awaitReadable(Duration bound) {
    return await(false, bound);
  }

  /**
   * Waits until the port takes bytes.
   *
   * @param bound at most this long; an absent host is told at once
   */
  public Condition awaitWritable(Duration bound) {
    return await(true, bound);
  }

  private Condition await(boolean writing, Duration bound) {
    poll.watch(0, !writing, writing);
    if (poll.await(bound) == 0) {
      return Condition.QUIET;
    }
    PollSet.Readiness readiness = poll.readiness(0);
    boolean gone = readiness.hangUp() || readiness.error();
    // What the host sent before it went is still read.
    if (writing ? readiness.writable() && !gone : readiness.readable()) {
      return Condition.READY;
    }
    return gone ? Condition.HOST_ABSENT : Condition.QUIET;
  }

  /**
   * Reads once.
   *
   * @return bytes read, 0 if the host has gone, -1 if nothing is there
   */
  public int read(ByteBuffer into) {
    return Descriptors.read(descriptor, into);
  }

  /**
   * Writes once.
   *
   * @return bytes written, -1 if the port takes nothing now
   */
  public int write(ByteBuffer from) {
    return Descriptors.write(descriptor, from);
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
