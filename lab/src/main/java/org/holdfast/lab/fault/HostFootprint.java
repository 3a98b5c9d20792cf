package org.holdfast.lab.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Waiting;
import org.jspecify.annotations.Nullable;

/**
 * All of a host in which the product could leave something: compared before and after, it shows
 * that nothing was left, and that nothing of it is in the path of packets while it is idle.
 */
public final class HostFootprint {
  private static final Map<String, String> QUESTIONS = new LinkedHashMap<>();

  static {
    // libvirt numbers taps anew with each start of a VM; what matters is how many there are.
    QUESTIONS.put("links", "ip -o link | awk '{print $2, $4, $5}' | sort");
    QUESTIONS.put(
        "bridge ports",
        "bridge -d link show | sed -n 's/^[0-9]*: \\([^:@]*\\).*\\(master.*\\)/\\1 \\2/p' | sort");
    QUESTIONS.put("forwarding", "bridge fdb show | grep -v 'self' | grep -c permanent; true");
    QUESTIONS.put("rules", "nft --stateless list ruleset"); // others count packets
    QUESTIONS.put(
        "queueing",
        "tc qdisc show | sed 's/[0-9a-f]*: dev/dev/' | sort; tc filter show 2>/dev/null");
    QUESTIONS.put(
        "ingress",
        "for l in /sys/class/net/*; do tc filter show dev ${l##*/} ingress; done 2>/dev/null");
    QUESTIONS.put("named namespaces", "ip netns list");
    QUESTIONS.put(
        "namespaces in use", "readlink /proc/[0-9]*/task/*/ns/net 2>/dev/null | sort -u | wc -l");
    QUESTIONS.put("packet sockets", "tail -n +2 /proc/net/packet | wc -l");
    QUESTIONS.put("routes", "ip route; ip -6 route | grep -v fe80; ip rule; ip -6 rule");
    QUESTIONS.put("settings", "sysctl net.ipv4.conf.all net.ipv6.conf.all 2>/dev/null | sort");
    // The words of a command line end with a NUL each: without the change all are one line.
    QUESTIONS.put(
        "keepers",
        "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^holdfast-keeper'");
    // A Java virtual machine that breaks down leaves its log to the operator, as it is told to.
    QUESTIONS.put(
        "state files",
        "find /var/lib/holdfast /run/netns -type f ! -name 'crash-*.log' 2>/dev/null | wc -l");
  }

  /** Before each question's answer; a long run asks often, and a command for each costs most. */
  private static final String HEAD = "=== ";

  private static final String SCRIPT =
      QUESTIONS.entrySet().stream()
          .map(
              question ->
                  "echo '" + HEAD + question.getKey() + "'\n(" + question.getValue() + ")\n")
          .collect(Collectors.joining());

  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Pattern TAP = Pattern.compile("\\bvnet\\d+");

  private HostFootprint() {}

  /** The answers, by question. */
  public static Map<String, String> of(KvmHost host) {
    Map<String, String> answers = read(host.bash(SCRIPT).stdout());
    answers.replaceAll((question, answer) -> TAP.matcher(answer).replaceAll("vnet"));
    return answers;
  }

  /**
   * The same without what VMs bring with them: for a VM that may end on the one host or the other.
   */
  public static Map<String, String> withoutVms(KvmHost host) {
    Map<String, String> all = of(host);
    all.remove("forwarding");
    all.replaceAll(
        (question, answer) ->
            answer
                .lines()
                .filter(line -> !line.contains("vnet"))
                .collect(Collectors.joining("\n")));
    return all;
  }

  /** {@link #of(KvmHost)} of both hosts together, by host and question. */
  public static Map<String, String> of(Lab lab) {
    return both(lab, HostFootprint::of);
  }

  /** {@link #withoutVms(KvmHost)} of both hosts together, by host and question. */
  public static Map<String, String> withoutVms(Lab lab) {
    return both(lab, HostFootprint::withoutVms);
  }

  private static Map<String, String> both(Lab lab, Function<KvmHost, Map<String, String>> asked) {
    Map<String, String> both = new TreeMap<>();
    for (KvmHost host : lab.hosts()) {
      asked
          .apply(host)
          .forEach((question, answer) -> both.put(host.name() + ", " + question, answer));
    }
    return both;
  }

  /**
   * What hosts have now that they had not before, and the other way round.
   *
   * @return a line for each question that has another answer, none if all is as it was
   */
  public static List<String> differences(Map<String, String> before, Map<String, String> now) {
    return now.keySet().stream()
        .filter(question -> !Objects.equals(now.get(question), before.get(question)))
        .map(question -> question + ": " + difference(before.get(question), now.get(question)))
        .toList();
  }

  /**
   * Gives both hosts the time to settle.
   *
   * @param before {@link #withoutVms(Lab)} as it was
   * @return the differences that stayed
   */
  public static List<String> leftAfter(Duration bound, Lab lab, Map<String, String> before) {
    long deadline = System.nanoTime() + bound.toNanos();
    List<String> left = differences(before, withoutVms(lab));
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      Waiting.pause(LOOK_AGAIN, "nothing to be left on either host");
      left = differences(before, withoutVms(lab));
    }
    return left;
  }

  /** The lines that came and went. */
  private static String difference(@Nullable String before, @Nullable String after) {
    List<String> old = lines(before);
    List<String> present = lines(after);
    List<String> words = new ArrayList<>();
    present.stream().filter(line -> !old.contains(line)).forEach(line -> words.add("+ " + line));
    old.stream().filter(line -> !present.contains(line)).forEach(line -> words.add("- " + line));
    return words.isEmpty() ? "the same lines, but not as often" : String.join("; ", words);
  }

  private static List<String> lines(@Nullable String answer) {
    return answer == null ? List.of() : answer.lines().toList();
  }

  private static Map<String, String> read(String output) {
    Map<String, StringBuilder> answers = new LinkedHashMap<>();
    QUESTIONS.keySet().forEach(question -> answers.put(question, new StringBuilder()));
    StringBuilder current = new StringBuilder();
    for (String line : output.lines().toList()) {
      if (line.startsWith(HEAD)) {
        current = answers.getOrDefault(line.substring(HEAD.length()), new StringBuilder());
      } else {
        current.append(line).append('\n');
      }
    }
    Map<String, String> texts = new LinkedHashMap<>();
    answers.forEach((question, answer) -> texts.put(question, answer.toString()));
    return texts;
  }
}
