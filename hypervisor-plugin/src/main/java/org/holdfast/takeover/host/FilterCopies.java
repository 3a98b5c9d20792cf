package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.NftablesException;
import org.holdfast.takeover.host.OthersRules.Command;
import org.holdfast.takeover.host.OthersRules.Plan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others have ruled for a VM's tap (libvirt's nwfilter, ebtables, security groups), in force
 * at ports of ours too for as long as these stand in for it.
 *
 * <p>Rules of others never stop a takeover: what cannot be copied is named in the log. They are
 * read once, when the ports are made; rules that are made later do not see our ports.
 */
final class FilterCopies {
  private static final Logger LOG = LoggerFactory.getLogger(FilterCopies.class);
  private static final String RULESET = "list ruleset";

  private final HostContext host;
  private final Predicate<String> port;

  /**
   * Those that name certain ports, whoever made them.
   *
   * @param port whether a device's name is one of these
   */
  FilterCopies(HostContext host, Predicate<String> port) {
    this.host = host;
    this.port = port;
  }

  /**
   * Makes them, in as few steps as there can be.
   *
   * @param demolition is told if there is anything to take away
   * @param standIns whose ports exist and are behind the fence
   */
  static void make(HostContext host, Demolition demolition, List<StandIn> standIns) {
    host.commands()
        .call(
            () -> {
              try (Nftables nftables = Nftables.speakingJson()) {
                String ruleset = nftables.run(RULESET);
                if (standIns.stream().anyMatch(standIn -> standIn.mayBeMeantIn(ruleset))) {
                  demolition.alsoRemove(new FilterCopies(host, isPortOf(standIns)));
                  make(nftables, OthersRules.parse(ruleset).copiesFor(standIns));
                }
              } catch (NftablesException | IllegalArgumentException e) {
                LOG.warn("Filters of the tap are not in force while its VM is held: {}", reason(e));
              }
              return true;
            });
  }

  private static Predicate<String> isPortOf(List<StandIn> standIns) {
    return name -> standIns.stream().anyMatch(standIn -> standIn.port().equals(name));
  }

  private static void make(Nftables nftables, Plan plan) {
    TreeSet<String> leftOut = new TreeSet<>(plan.leftOut());
    leftOut.addAll(runAll(nftables, plan.commands()));
    if (!leftOut.isEmpty()) {
      LOG.warn(
          "Not every filter of the tap is in force while its VM is held. These do not see the port"
              + " where its connections are held: {}",
          String.join("; ", leftOut));
    }
  }

  /** One transaction; if it is refused, what can be done of it. Returns what could not. */
  private static List<String> runAll(Nftables nftables, List<Command> commands) {
    List<String> refused = new ArrayList<>();
    if (commands.isEmpty()) {
      return refused;
    }
    try {
      nftables.run(OthersRules.transaction(commands));
    } catch (NftablesException atLeastOne) {
      for (Command command : commands) {
        try {
          nftables.run(OthersRules.transaction(List.of(command)));
        } catch (NftablesException e) {
          refused.add(command.place() + ": " + reason(e));
        }
      }
    }
    return refused;
  }

  /** nft shows what it did not understand on lines that follow. */
  private static String reason(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  /** The places where there are any. */
  List<String> find() {
    return host.commands()
        .call(
            () -> {
              try (Nftables nftables = Nftables.speakingJson()) {
                return removals(nftables).stream().map(Command::place).distinct().toList();
              } catch (NftablesException | IllegalArgumentException e) {
                LOG.warn("Rules of others cannot be read: {}", reason(e));
                return List.of();
              }
            });
  }

  /** Takes them away; what others have changed meanwhile stays as it is. */
  void remove() {
    host.commands()
        .call(
            () -> {
              try (Nftables nftables = Nftables.speakingJson()) {
                List<String> refused = runAll(nftables, removals(nftables));
                if (!refused.isEmpty()) {
                  LOG.warn("Rules that name ports of ours stay: {}", String.join("; ", refused));
                }
              } catch (NftablesException | IllegalArgumentException e) {
                LOG.warn("Rules that name ports of ours may stay: {}", reason(e));
              }
              return true;
            });
  }

  private List<Command> removals(Nftables nftables) {
    return OthersRules.parse(nftables.run(RULESET)).removals(port);
  }
}
