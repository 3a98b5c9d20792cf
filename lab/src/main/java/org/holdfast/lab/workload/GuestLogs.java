package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads what the guest's applications logged since the run began, and finds the errors in it. */
final class GuestLogs {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final String SEPARATOR = "=== holdfast-load ";

  /** Each application writes its severity in its own way. */
  private enum Application {
    SSHD("sshd", "/var/log/sshd.log", "(?i)\\b(error|fatal)\\b|reset by peer|broken pipe|timeout"),
    REDIS("redis", "/var/log/redis.log", "^\\d+:\\w .{10,40} # "),
    NGINX("nginx", "/var/log/nginx/error.log", "\\[(error|crit|alert|emerg)\\]"),
    POSTGRESQL(
        "postgresql",
        "/var/log/postgresql.log",
        "\\b(ERROR|FATAL|PANIC)\\b|could not|unexpected EOF|reset by peer");

    private final String words;
    private final String path;
    private final Pattern error;

    Application(String words, String path, String error) {
      this.words = words;
      this.path = path;
      this.error = Pattern.compile(error);
    }
  }

  private static final Pattern SERVER_ERROR = Pattern.compile("^\\d+ error ");

  private final LoadSite site;
  private final Map<Application, Integer> linesBefore = new LinkedHashMap<>();

  GuestLogs(LoadSite site) {
    this.site = site;
    read().forEach((application, lines) -> linesBefore.put(application, lines.size()));
  }

  /** What the applications logged since this object was made. */
  List<GuestLog> applications() {
    List<GuestLog> logs = new ArrayList<>();
    read()
        .forEach(
            (application, lines) -> {
              int before = Math.min(linesBefore.getOrDefault(application, 0), lines.size());
              logs.add(
                  judge(application.words, application.error, lines.subList(before, lines.size())));
            });
    return logs;
  }

  /** What the server of the streams logged. */
  GuestLog streamServer() {
    String text = site.guest(BOUND, "cat " + site.directory() + "/server.log").stdout();
    return judge("stream-server", SERVER_ERROR, text.lines().toList());
  }

  static GuestLog judge(String application, Pattern error, List<String> lines) {
    return new GuestLog(
        application,
        lines.size(),
        lines.stream().filter(line -> error.matcher(line).find()).toList());
  }

  private Map<Application, List<String>> read() {
    StringBuilder script = new StringBuilder();
    for (Application application : Application.values()) {
      script.append("echo '").append(SEPARATOR).append(application.name()).append("'\n");
      script.append("cat ").append(application.path).append(" 2>/dev/null || true\n");
    }
    Map<Application, List<String>> found = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    for (String line : site.guest(BOUND, script.toString()).orThrow().stdout().lines().toList()) {
      if (line.startsWith(SEPARATOR)) {
        current = new ArrayList<>();
        found.put(Application.valueOf(line.substring(SEPARATOR.length())), current);
      } else {
        current.add(line);
      }
    }
    return found;
  }
}
