package org.holdfast.channel;

import java.nio.file.Path;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/**
 * A host with little memory, as a program: {@code FloodedHost SOCKET}. It takes its time over the
 * first connection of an export, and prints how the export ended.
 */
final class FloodedHost {
  private static final long PAUSE_MILLIS = 3_000;

  private FloodedHost() {}

  public static void main(String[] arguments) {
    try (AgentChannel channel =
        AgentChannel.connect(Path.of(arguments[0]), ChannelOptions.defaults())) {
      Attack.export(channel, new Slow(), (connection, bytes) -> {});
    } catch (AgentFailure failure) {
      System.out.println(failure.breach());
    }
  }

  private static final class Slow implements ExportSink {
    @Override
    public void exported(GuestConnection connection) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException ended) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {}
  }
}
