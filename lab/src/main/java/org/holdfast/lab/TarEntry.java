package org.holdfast.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads the one file of a tar stream, the form in which docker hands out files. */
final class TarEntry {
  private static final int BLOCK = 512;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_OFFSET = 156;
  private static final char REGULAR_FILE = '0';

  private TarEntry() {}

  /**
   * The content of the first regular file.
   *
   * @throws IOException if the stream holds none or ends early
   */
  static byte[] onlyFile(InputStream tar) throws IOException {
    while (true) {
      byte[] header = tar.readNBytes(BLOCK);
      if (header.length < BLOCK || header[0] == 0) {
        throw new IOException("the archive holds no regular file");
      }
      int size = size(header);
      byte[] content = tar.readNBytes(size);
      if (content.length < size) {
        throw new IOException("the archive ends early");
      }
      if (header[TYPE_OFFSET] == REGULAR_FILE) {
        return content;
      }
      tar.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
    }
  }

  private static int size(byte[] header) throws IOException {
    String octal =
        new String(header, SIZE_OFFSET, SIZE_LENGTH, StandardCharsets.US_ASCII)
            .replace("\0", "")
            .strip();
    try {
      return Integer.parseInt(octal, 8);
    } catch (NumberFormatException e) {
      throw new IOException("a file of 2 GiB or more, or no tar archive: size '" + octal + "'", e);
    }
  }
}
