package org.holdfast.lab.endtoend;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.lab.KvmHost;

/**
 * All of a host in which the product could leave something: compared before and after, it shows
 * that nothing was left, and that nothing of it is in the path of packets while it is idle.
 */
final class HostFootprint {
  private static final Map<String, String> QUESTIONS = new LinkedHashMap<>();

  static {
    // libvirt numbers taps anew with each start of a VM; what matters is how many there are.
    QUESTIONS.put("links", "ip -o link | awk '{print $2, $4, $5}' | sort");
    QUESTIONS.put("bridge ports", "bridge -d link show | grep -o 'master.*' | sort");
    QUESTIONS.put("forwarding", "bridge fdb show | grep -v 'self' | grep -c permanent; true");
    QUESTIONS.put("rules", "nft list ruleset");
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
    QUESTIONS.put("keepers", "cat /proc/[0-9]*/cmdline 2>/dev/null | grep -ac '^holdfast-keeper'");
    QUESTIONS.put("state files", "find /var/lib/holdfast /run/netns -type f 2>/dev/null | wc -l");
  }

  private static final Pattern TAP = Pattern.compile("\\bvnet\\d+");

  private HostFootprint() {}

  /** The answers, by question. */
  static Map<String, String> of(KvmHost host) {
    return QUESTIONS.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                question -> TAP.matcher(host.bash(question.getValue()).stdout()).replaceAll("vnet"),
                (first, second) -> first,
                LinkedHashMap::new));
  }

  /**
   * The same without what VMs bring with them: for a VM that may end on the one host or the other.
   */
  static Map<String, String> withoutVms(KvmHost host) {
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
}
