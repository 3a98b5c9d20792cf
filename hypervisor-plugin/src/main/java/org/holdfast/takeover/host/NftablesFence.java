package org.holdfast.takeover.host;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.NftablesException;
import org.holdfast.takeover.Fence;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fence as two sets of port names in one table: what a mute port sends is dropped before the
 * bridge sees it, and what the bridge would send to a deaf port is dropped. A closed port is both.
 *
 * <p>Frames to link-local group addresses (LLDP and the like) never reach these hooks: they are not
 * forwarded either, but the bridge learns their sender. Hence the sticky entries of {@link
 * PlayedInterface}.
 */
final class NftablesFence implements Fence {
  private static final Logger LOG = LoggerFactory.getLogger(NftablesFence.class);

  /** Of all tables of ours. */
  static final String TABLE = "holdfast";

  private static final String RULES =
      """
      add table bridge holdfast
      add set bridge holdfast mute { type ifname; }
      add set bridge holdfast deaf { type ifname; }
      add chain bridge holdfast from_ports { type filter hook prerouting priority -300; }
      add chain bridge holdfast to_ports { type filter hook postrouting priority 300; }
      flush chain bridge holdfast from_ports
      flush chain bridge holdfast to_ports
      add rule bridge holdfast from_ports iifname @mute drop
      add rule bridge holdfast to_ports oifname @deaf drop
      """;

  private static final Pattern PORT_NAME = Pattern.compile("[A-Za-z0-9_.:@+-]{1,15}");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");

  private final NamespaceThread host;
  private final Nftables nftables;
  private final Set<String> mute = new TreeSet<>();
  private final Set<String> deaf = new TreeSet<>();
  private final Set<String> inherited = new TreeSet<>();
  private boolean tableExists;

  /**
   * Everything is to run on the thread of {@code host}, where {@code nftables} was made. What an
   * earlier process has closed stays closed.
   */
  NftablesFence(NamespaceThread host, Nftables nftables) {
    this.host = host;
    this.nftables = nftables;
    host.call(
        () -> {
          readBack();
          return true;
        });
  }

  private void readBack() {
    tableExists = isTableThere();
    if (tableExists) {
      mute.addAll(elements("mute"));
      deaf.addAll(elements("deaf"));
      inherited.addAll(mute);
      inherited.addAll(deaf);
    }
  }

  /** Another table of that name has no such set, and no port is closed by it. */
  private Set<String> elements(String set) {
    try {
      Matcher names = QUOTED.matcher(nftables.run("list set bridge " + TABLE + " " + set));
      return names.results().map(name -> name.group(1)).collect(Collectors.toSet());
    } catch (NftablesException noSuchSet) {
      return Set.of();
    }
  }

  /** Ports that an earlier process has closed, and that this one has not spoken of yet. */
  Set<String> inherited() {
    return host.call(() -> new TreeSet<>(inherited));
  }

  /** These ports are known to be closed for a reason. */
  void takeUp(Collection<String> ports) {
    host.call(() -> inherited.removeAll(ports));
  }

  /**
   * A step of the fence.
   *
   * @param mute ports that may not send any more
   * @param deaf ports that may not receive any more
   * @param speaking ports that may send again
   * @param hearing ports that may receive again
   */
  record Step(
      Collection<String> mute,
      Collection<String> deaf,
      Collection<String> speaking,
      Collection<String> hearing) {

    static Step close(Collection<String> ports) {
      return new Step(ports, ports, List.of(), List.of());
    }

    static Step open(Collection<String> ports) {
      return new Step(List.of(), List.of(), ports, ports);
    }

    static Step mute(Collection<String> ports) {
      return new Step(ports, List.of(), List.of(), List.of());
    }

    static Step deafen(Collection<String> ports) {
      return new Step(List.of(), ports, List.of(), List.of());
    }

    static Step hear(Collection<String> ports) {
      return new Step(List.of(), List.of(), List.of(), ports);
    }
  }

  @Override
  public void close(Collection<String> ports) {
    take(Step.close(ports));
  }

  @Override
  public void open(Collection<String> ports) {
    take(Step.open(ports));
  }

  @Override
  public void swap(Collection<String> close, Collection<String> open) {
    take(new Step(close, close, open, open));
  }

  /** Takes a step, as one transaction. */
  void take(Step step) {
    host.call(
        () -> {
          takeHere(step);
          return true;
        });
  }

  @Override
  public Set<String> closedPorts() {
    return host.call(
        () -> {
          Set<String> ports = new TreeSet<>();
          if (tableExists) {
            ports.addAll(elements("mute"));
            ports.addAll(elements("deaf"));
          }
          return ports;
        });
  }

  /** Whether the port is closed in either direction, as far as this fence knows. */
  boolean isClosed(String port) {
    return host.call(() -> mute.contains(port) || deaf.contains(port));
  }

  /** Deletes the table, whoever made it, and with it every closed port. */
  void forget() {
    host.call(
        () -> {
          run("delete table bridge holdfast");
          tableExists = false;
          mute.clear();
          deaf.clear();
          inherited.clear();
          return true;
        });
  }

  private void takeHere(Step step) {
    Set<String> nextMute = next(mute, step.mute(), step.speaking());
    Set<String> nextDeaf = next(deaf, step.deaf(), step.hearing());
    try {
      run(transaction(nextMute, nextDeaf));
    } catch (TakeoverException failure) {
      if (!tableExists || isTableThere()) {
        throw failure;
      }
      LOG.warn("The table 'bridge {}' was deleted by somebody else; it is made again", TABLE);
      tableExists = false;
      mute.clear();
      deaf.clear();
      run(transaction(nextMute, nextDeaf));
    }
    tableExists = !nextMute.isEmpty() || !nextDeaf.isEmpty();
    List.of(step.mute(), step.deaf(), step.speaking(), step.hearing())
        .forEach(inherited::removeAll);
    replace(mute, nextMute);
    replace(deaf, nextDeaf);
  }

  /** What leads from the present rules to these. */
  private String transaction(Set<String> nextMute, Set<String> nextDeaf) {
    StringBuilder transaction = new StringBuilder();
    if (!nextMute.isEmpty() || !nextDeaf.isEmpty()) {
      if (!tableExists) {
        transaction.append(RULES);
      }
      appendDifference(transaction, "mute", mute, nextMute);
      appendDifference(transaction, "deaf", deaf, nextDeaf);
    } else if (tableExists) {
      transaction.append("delete table bridge holdfast\n");
    }
    return transaction.toString();
  }

  private boolean isTableThere() {
    return nftables.run("list tables bridge").contains("table bridge " + TABLE);
  }

  private void run(String transaction) {
    if (transaction.isEmpty()) {
      return;
    }
    try {
      nftables.run(transaction);
    } catch (NftablesException e) {
      throw new TakeoverException(
          Code.FENCE_FAILED,
          "the fence's rules could not be changed; has something else touched the table 'bridge"
              + " holdfast'? nftables says: "
              + e.getMessage(),
          e);
    }
  }

  private static Set<String> next(
      Set<String> current, Collection<String> added, Collection<String> removed) {
    Set<String> next = new TreeSet<>(current);
    for (String port : added) {
      if (!PORT_NAME.matcher(port).matches()) {
        throw new TakeoverException(Code.PORT_MISSING, "no port can be called '" + port + "'");
      }
      next.add(port);
    }
    next.removeAll(removed);
    return next;
  }

  private static void appendDifference(
      StringBuilder transaction, String set, Set<String> current, Set<String> next) {
    appendElements(transaction, "add", set, minus(next, current));
    appendElements(transaction, "delete", set, minus(current, next));
  }

  private static void appendElements(
      StringBuilder transaction, String verb, String set, Set<String> ports) {
    if (!ports.isEmpty()) {
      String names = ports.stream().map(p -> '"' + p + '"').collect(Collectors.joining(", "));
      transaction.append(verb + " element bridge holdfast " + set + " { " + names + " }\n");
    }
  }

  private static Set<String> minus(Set<String> all, Set<String> without) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(without);
    return rest;
  }

  private static void replace(Set<String> current, Set<String> next) {
    current.clear();
    current.addAll(next);
  }
}
