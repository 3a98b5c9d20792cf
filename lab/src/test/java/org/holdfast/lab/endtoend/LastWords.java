package org.holdfast.lab.endtoend;

import java.util.stream.Collectors;
import org.holdfast.lab.Lab;

/**
 * What the hosts of a lab said before a test failed. It hangs on the failure as one that was
 * suppressed, so that wherever the failure's trace goes it goes too.
 */
final class LastWords extends Exception {
  private static final long serialVersionUID = 1;
  private static final int LINES = 12;

  private LastWords(String words) {
    super(words, null, false, false);
  }

  static LastWords of(Lab lab) {
    return new LastWords(
        lab.hosts().stream()
            .map(host -> host.name() + ":\n" + host.bash(script()).stdout())
            .collect(Collectors.joining("\n", "what the hosts said at last\n", "")));
  }

  private static String script() {
    return """
        tail -n %d /var/log/holdfastd.log
        virsh list --all | sed '1,2d;/^$/d'
        for console in /var/log/libvirt/qemu/*-console.log; do
            echo "$console"; tail -n 3 "$console"
        done
        """
        .formatted(LINES);
  }
}
