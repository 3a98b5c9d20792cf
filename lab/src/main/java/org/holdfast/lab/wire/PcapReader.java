package org.holdfast.lab.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.lab.wire.CapturedFrame.Direction;

/**
 * Reads tcpdump's files: the classic pcap format with nanoseconds, of Ethernet or of Linux's "any"
 * interface (LINKTYPE_LINUX_SLL2, which tells interface and direction).
 */
public final class PcapReader {
  private static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int LINKTYPE_OFFSET = 20;
  private static final int ETHERNET = 1;
  private static final int ETHERNET_HEADER = 14;
  private static final int LINUX_SLL2 = 276;
  private static final int LINUX_SLL2_HEADER = 20;
  private static final int PACKET_OUTGOING = 4;
  private static final int LONGEST_RECORD = 1 << 18;

  private PcapReader() {}

  /**
   * Reads a whole capture.
   *
   * @throws IOException if the file is not one of those formats; a last record cut short is left
   *     out
   */
  public static List<CapturedFrame> read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      ByteBuffer header = block(in.readNBytes(FILE_HEADER));
      if (header.limit() < FILE_HEADER || header.getInt(0) != MAGIC_NANOSECONDS) {
        throw new IOException(file + " is not a pcap file with nanoseconds");
      }
      int linkType = header.getInt(LINKTYPE_OFFSET);
      if (linkType != ETHERNET && linkType != LINUX_SLL2) {
        throw new IOException(file + " has link type " + linkType + ", which is not known here");
      }
      return records(in, linkType);
    }
  }

  private static List<CapturedFrame> records(InputStream in, int linkType) throws IOException {
    List<CapturedFrame> frames = new ArrayList<>();
    while (true) {
      ByteBuffer header = block(in.readNBytes(RECORD_HEADER));
      if (header.limit() < RECORD_HEADER) {
        return frames;
      }
      long timeNanos = header.getInt(0) * 1_000_000_000L + header.getInt(4);
      int length = header.getInt(8);
      if (length < 0 || length > LONGEST_RECORD) {
        throw new IOException("a record of " + length + " bytes cannot be");
      }
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        return frames;
      }
      int needed = linkType == ETHERNET ? ETHERNET_HEADER : LINUX_SLL2_HEADER;
      if (length >= needed) {
        frames.add(linkType == ETHERNET ? ethernet(timeNanos, bytes) : any(timeNanos, bytes));
      }
    }
  }

  private static CapturedFrame ethernet(long timeNanos, byte[] bytes) {
    int etherType = Byte.toUnsignedInt(bytes[12]) << 8 | Byte.toUnsignedInt(bytes[13]);
    return new CapturedFrame(
        timeNanos,
        0,
        Direction.UNKNOWN,
        mac(bytes, 6),
        etherType,
        Arrays.copyOfRange(bytes, ETHERNET_HEADER, bytes.length));
  }

  /** See LINKTYPE_LINUX_SLL2: all fields in network order. */
  private static CapturedFrame any(long timeNanos, byte[] bytes) {
    ByteBuffer header = ByteBuffer.wrap(bytes);
    return new CapturedFrame(
        timeNanos,
        header.getInt(4),
        bytes[10] == PACKET_OUTGOING ? Direction.OUT : Direction.IN,
        mac(bytes, 12),
        Short.toUnsignedInt(header.getShort(0)),
        Arrays.copyOfRange(bytes, LINUX_SLL2_HEADER, bytes.length));
  }

  private static String mac(byte[] bytes, int offset) {
    return String.format(
        "%02x:%02x:%02x:%02x:%02x:%02x",
        bytes[offset],
        bytes[offset + 1],
        bytes[offset + 2],
        bytes[offset + 3],
        bytes[offset + 4],
        bytes[offset + 5]);
  }

  private static ByteBuffer block(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
