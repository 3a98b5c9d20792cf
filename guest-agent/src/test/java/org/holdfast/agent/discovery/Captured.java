package org.holdfast.agent.discovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.linux.NetlinkMessage;

/** What a kernel really said, by the name of the dump. */
final class Captured {
  private Captured() {}

  static List<NetlinkMessage> dump(String name) {
    try (InputStream stream = Captured.class.getResourceAsStream("captured.txt")) {
      if (stream == null) {
        throw new IOException("captured.txt is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> line.split(" "))
          .filter(words -> words[0].equals(name))
          .map(words -> message(Integer.parseInt(words[1]), words[2]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static NetlinkMessage message(int type, String hex) {
    ByteBuffer payload = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    return new NetlinkMessage(type, 0, payload.order(ByteOrder.LITTLE_ENDIAN));
  }

  static InterfaceTable interfaces() {
    return InterfaceTable.of(dump("links"), dump("addresses"), dump("routes"), dump("neighbours"));
  }
}
