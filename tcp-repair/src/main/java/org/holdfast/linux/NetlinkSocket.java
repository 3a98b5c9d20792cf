package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A netlink socket of the namespace of the thread that opens it (sock_diag, rtnetlink, ctnetlink).
 * Carries messages and knows nothing of what they say. For one thread at a time.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** Routes, addresses, links, neighbours. */
  public static final int NETLINK_ROUTE = 0;

  /** Sockets. */
  public static final int NETLINK_SOCK_DIAG = 4;

  /** Netfilter, conntrack among it. */
  public static final int NETLINK_NETFILTER = 12;

  /** nlmsg_flags: every request carries it. */
  public static final int NLM_F_REQUEST = 0x1;

  /** nlmsg_flags: answer with an acknowledgement. */
  public static final int NLM_F_ACK = 0x4;

  /** nlmsg_flags: every object there is. */
  public static final int NLM_F_DUMP = 0x300;

  /** nlmsg_flags: replace what exists. */
  public static final int NLM_F_REPLACE = 0x100;

  /** nlmsg_flags: fail if it exists. */
  public static final int NLM_F_EXCL = 0x200;

  /** nlmsg_flags: make it if it does not exist. */
  public static final int NLM_F_CREATE = 0x400;

  private static final int HEADER_BYTES = 16;
  private static final int RECEIVE_BYTES = 1 << 18;
  private static final int FORCED_BUFFER_BYTES = 4 << 20;

  private final int descriptor;
  private final NativeBuffer receiveBuffer = new NativeBuffer(RECEIVE_BYTES);
  private NativeBuffer sendBuffer = new NativeBuffer(4096);
  private int sequence;

  private NetlinkSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * @param protocol e.g. {@link #NETLINK_SOCK_DIAG}
   * @throws KernelException EPROTONOSUPPORT if the kernel has no such protocol
   */
  public static NetlinkSocket open(int protocol) {
    int descriptor;
    try {
      descriptor =
          Descriptors.moveUp(
              Libc.socket(
                  LinuxConstants.AF_NETLINK,
                  LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC,
                  protocol));
    } catch (LastErrorException e) {
      throw new KernelException("open netlink protocol " + protocol, e);
    }
    SocketOptions.forceReceiveBuffer(descriptor, FORCED_BUFFER_BYTES);
    return new NetlinkSocket(descriptor);
  }

  /**
   * Sends one request and reads its whole answer: all messages of a dump, or the acknowledgement of
   * a change. {@link #NLM_F_REQUEST} is added to {@code flags}; a change needs {@link #NLM_F_ACK}.
   *
   * @param payload what follows the header, position to limit
   * @return the messages of the answer, without the closing DONE or acknowledgement
   * @throws KernelException the answer's error, e.g. EEXIST, ENOENT
   */
  public List<NetlinkMessage> request(int type, int flags, ByteBuffer payload) {
    sequence++;
    send(type, flags | NLM_F_REQUEST, payload);
    boolean dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
    List<NetlinkMessage> answer = new ArrayList<>();
    while (!readDatagram(type, dump || (flags & NLM_F_ACK) != 0, answer)) {
      // the answer comes in several datagrams
    }
    return answer;
  }

  private void send(int type, int flags, ByteBuffer payload) {
    int length = HEADER_BYTES + payload.remaining();
    if (sendBuffer.capacity() < length) {
      sendBuffer = new NativeBuffer(length);
    }
    ByteBuffer buffer = sendBuffer.buffer().clear();
    buffer.putInt(length).putShort((short) type).putShort((short) flags).putInt(sequence);
    buffer.putInt(0).put(payload.duplicate());
    try {
      Libc.send(descriptor, sendBuffer.address(), length, 0);
    } catch (LastErrorException e) {
      throw new KernelException("send netlink message type " + type, e);
    }
  }

  /** Returns whether the answer is complete. */
  private boolean readDatagram(int requestType, boolean closed, List<NetlinkMessage> answer) {
    ByteBuffer buffer = receiveBuffer.buffer();
    int length = receive(requestType);
    int offset = 0;
    while (offset + HEADER_BYTES <= length) {
      int messageLength = buffer.getInt(offset);
      int type = buffer.getShort(offset + 4) & 0xFFFF;
      int flags = buffer.getShort(offset + 6) & 0xFFFF;
      if (messageLength < HEADER_BYTES || offset + messageLength > length) {
        throw new KernelException("netlink message of " + messageLength + " bytes", Errno.EINVAL);
      }
      boolean ours = buffer.getInt(offset + 8) == sequence;
      if (ours && type == LinuxConstants.NLMSG_DONE) {
        return true;
      }
      if (ours && type == LinuxConstants.NLMSG_ERROR) {
        int error = -buffer.getInt(offset + HEADER_BYTES);
        if (error != 0) {
          throw new KernelException("netlink request type " + requestType, error);
        }
        return true;
      }
      if (ours) {
        answer.add(new NetlinkMessage(type, flags, copy(buffer, offset, messageLength)));
        if (!closed && (flags & LinuxConstants.NLM_F_MULTI) == 0) {
          return true;
        }
      }
      offset += (messageLength + 3) & ~3;
    }
    return false;
  }

  private int receive(int requestType) {
    while (true) {
      try {
        int length =
            (int)
                Libc.recv(
                    descriptor,
                    receiveBuffer.address(),
                    receiveBuffer.capacity(),
                    LinuxConstants.MSG_TRUNC);
        if (length > receiveBuffer.capacity()) {
          throw new KernelException("netlink datagram of " + length + " bytes", Errno.ENOBUFS);
        }
        return length;
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Errno.EINTR) {
          throw new KernelException("receive answer to netlink request type " + requestType, e);
        }
      }
    }
  }

  private static ByteBuffer copy(ByteBuffer buffer, int offset, int messageLength) {
    ByteBuffer payload = ByteBuffer.allocate(messageLength - HEADER_BYTES);
    payload.put(0, buffer, offset + HEADER_BYTES, payload.capacity());
    return payload.order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
