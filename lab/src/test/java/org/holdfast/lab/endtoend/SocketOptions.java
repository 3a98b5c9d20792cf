package org.holdfast.lab.endtoend;

import java.util.List;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.wire.TcpSegment;

/** The options of all connections in a guest, read by the guest's own kernel. */
final class SocketOptions {
  private SocketOptions() {}

  /** One line for each connection that is not to the guest itself or this very ssh session. */
  static List<String> of(VirtualMachine vm) {
    String command =
        "echo \"${SSH_CONNECTION%% *}:$(echo $SSH_CONNECTION | cut -d' ' -f2)\"; python3 - <<'END'\n"
            + Resources.text(SocketOptions.class, "socket_options.py")
            + "\nEND";
    List<String> lines = vm.exec(command).orThrow().stdout().lines().toList();
    return lines.stream()
        .skip(1)
        .filter(line -> !line.split(" ", 2)[0].endsWith("-" + lines.get(0)))
        .toList();
  }

  /** Whether one of these lines is of the connection whose end in the guest sent that segment. */
  static boolean haveSenderOf(TcpSegment segment, List<String> lines) {
    String ports =
        ".*:%d-.*:%d".formatted(segment.source().getPort(), segment.destination().getPort());
    return lines.stream().anyMatch(line -> line.split(" ", 2)[0].matches(ports));
  }
}
