package org.holdfast.access;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration.Access;
import org.holdfast.configuration.DaemonConfiguration.Permitted;
import org.holdfast.linux.Accounts;
import org.holdfast.linux.PeerProcess;

/** Section access of holdfastd.yaml, its names looked up. */
public final class AccessRules {
  private static final int ROOT = 0;
  private static final String ANY = "*";

  /** Whom a role is given to. */
  private record Holders(Set<Integer> users, Set<Integer> groups, Set<String> certificates) {
    boolean include(Caller caller) {
      if (caller instanceof Caller.Local local) {
        PeerProcess process = local.process();
        return users.contains(process.user())
            || process.groups().stream().anyMatch(groups::contains);
      }
      return caller instanceof Caller.Certified certified
          && (certificates.contains(ANY)
              || certified.names().stream().anyMatch(certificates::contains));
    }
  }

  private final Holders read;
  private final Holders act;
  private final Holders hosts;

  private AccessRules(Holders read, Holders act, Holders hosts) {
    this.read = read;
    this.act = act;
    this.hosts = hosts;
  }

  /**
   * @param ownName of this host, which is a host to itself
   * @throws ConfigurationException a user or a group does not exist on this host
   */
  public static AccessRules of(Access access, String ownName) throws ConfigurationException {
    return new AccessRules(
        holders("access.read", access.read()),
        holders("access.act", access.act()),
        new Holders(Set.of(), Set.of(), with(access.hosts(), ownName)));
  }

  private static Set<String> with(List<String> names, String another) {
    Set<String> all = new HashSet<>(names);
    all.add(another);
    return all;
  }

  private static Holders holders(String section, Permitted permitted)
      throws ConfigurationException {
    return new Holders(
        numbers(section + ".users", "user", permitted.users(), Accounts::userNamed),
        numbers(section + ".groups", "group", permitted.groups(), Accounts::groupNamed),
        Set.copyOf(permitted.certificates()));
  }

  private static Set<Integer> numbers(
      String key, String kind, List<String> names, Function<String, OptionalInt> lookUp)
      throws ConfigurationException {
    Set<Integer> numbers = new HashSet<>();
    for (String name : names) {
      OptionalInt number = lookUp.apply(name);
      if (number.isEmpty()) {
        throw new ConfigurationException(
            "%s: there is no %s \"%s\" on this host; make it, or take it out."
                .formatted(key, kind, name));
      }
      numbers.add(number.getAsInt());
    }
    return numbers;
  }

  /** Whether anybody but root may come through the Unix socket. */
  public boolean admitLocalUsers() {
    return !read.users().isEmpty()
        || !read.groups().isEmpty()
        || !act.users().isEmpty()
        || !act.groups().isEmpty();
  }

  boolean permit(Caller caller, Role role) {
    if (caller instanceof Caller.Local local && local.process().user() == ROOT) {
      return true;
    }
    return switch (role) {
      case ANYONE -> true;
      case READ -> read.include(caller) || act.include(caller);
      case ACT -> act.include(caller);
      case HOST -> hosts.include(caller);
    };
  }
}
