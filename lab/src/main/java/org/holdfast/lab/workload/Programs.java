package org.holdfast.lab.workload;

import java.util.List;
import org.holdfast.lab.Resources;

/** The Python programs of this package, and the shell scripts that put and start them. */
final class Programs {
  private static final List<String> GUEST = List.of("blocks.py", "stream_server.py");
  private static final List<String> PEER =
      List.of(
          "blocks.py",
          "events.py",
          "stream_clients.py",
          "server_clients.py",
          "shell_clients.py",
          "load.py");
  // Every service of the guest has a cgroup of its own, so that it can be frozen alone.
  private static final String CGROUP = "/sys/fs/cgroup/holdfast-load";
  private static final String END = "END-OF-HOLDFAST-LOAD-FILE";

  private Programs() {}

  /** A script that puts the guest's programs in place and starts the server. */
  static String startServer(LoadSite site) {
    return """
        set -e
        if [ -s %1$s/server.pid ]; then kill -TERM "-$(cat %1$s/server.pid)" 2>/dev/null || true; fi
        rm -rf %1$s
        mkdir -p %1$s
        %2$s
        %3$s
        setsid sh -c 'echo $$ > %1$s/server.pid
          %4$s
          exec python3 -B %1$s/stream_server.py --log %1$s/server.log' \
          > %1$s/server.out 2>&1 < /dev/null &
        for i in $(seq 100); do
          if grep -q ' start ' %1$s/server.log 2>/dev/null; then exit 0; fi
          sleep 0.1
        done
        cat %1$s/server.out
        exit 1
        """
        .formatted(
            site.directory(),
            put(site.directory(), GUEST),
            site.isGuestOfLab() ? "mkdir -p " + CGROUP + "\nseq 400 > /srv/www/load.txt" : "",
            site.isGuestOfLab() ? "echo $$ > " + CGROUP + "/cgroup.procs" : "");
  }

  /** A script that puts the peer's programs in place and starts the clients. */
  static String startClients(LoadSite site, LoadOptions options) {
    String directory = site.directory();
    return """
        set -e
        rm -rf %1$s
        mkdir -p %1$s
        %2$s
        touch %1$s/events
        setsid sh -c 'echo $$ > %1$s/load.pid; exec "$0" "$@"' %3$s \
          > %1$s/load.out 2>&1 < /dev/null &
        """
        .formatted(directory, put(directory, PEER), arguments(site, options));
  }

  private static String arguments(LoadSite site, LoadOptions options) {
    List<String> clients = options.clients().stream().sorted().map(ClientKind::option).toList();
    return String.join(
        " ",
        "python3",
        "-B",
        site.directory() + "/load.py",
        "--events " + site.directory() + "/events",
        "--address4 " + site.ipv4(),
        "--address6 " + site.ipv6(),
        "--clients " + String.join(",", clients),
        "--streams " + options.streams(),
        "--block " + options.blockBytes(),
        "--interval " + options.blockInterval().toMillis(),
        "--user-timeout " + options.userTimeout().toMillis(),
        "--rate " + options.downloadBytesPerSecond(),
        "--ssh '" + String.join(" ", site.sshCommand()) + "'");
  }

  private static String put(String directory, List<String> names) {
    StringBuilder script = new StringBuilder();
    for (String name : names) {
      script.append("cat > ").append(directory).append('/').append(name);
      script
          .append(" <<'")
          .append(END)
          .append("'\n")
          .append(Resources.text(Programs.class, name))
          .append(END)
          .append('\n');
    }
    return script.toString();
  }
}
