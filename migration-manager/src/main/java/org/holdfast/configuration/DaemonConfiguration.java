package org.holdfast.configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything holdfastd.yaml can say. {@link ConfigurationReader} makes it, checks it, and holds the
 * defaults; the packaged holdfastd.yaml explains each key to the operator.
 *
 * @param hostName what other hosts call this one; stands in tickets and must stand in the
 *     certificate
 * @param libvirtUri of this host's libvirtd
 */
public record DaemonConfiguration(
    String hostName,
    String libvirtUri,
    Listen listen,
    LocalSocket socket,
    Tls tls,
    Access access,
    Holding holding,
    Agent agent,
    History history) {

  /**
   * Where other hosts and orchestrators call.
   *
   * @param enabled false: this host neither sends nor receives domains; suspend and resume work
   * @param address to bind, a name or a number
   * @param port 0: any free one
   */
  public record Listen(boolean enabled, String address, int port) {}

  /**
   * Where the local command calls.
   *
   * @param path of the Unix socket
   */
  public record LocalSocket(Path path) {}

  /** PEM files for mutual TLS. They are read again when they change. */
  public record Tls(Path authority, Path certificate, Path key) {}

  /**
   * Who may do what. Root on this host may do everything.
   *
   * @param read may look: lists, progress, connections
   * @param act may migrate, suspend, resume and cancel too
   * @param hosts names in the certificates of hosts that may send domains here and claim
   *     connections; "*": any certificate of the authority
   */
  public record Access(Permitted read, Permitted act, List<String> hosts) {

    public Access {
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * Holders of a role.
   *
   * @param users of this host, by name
   * @param groups of this host, by name
   * @param certificates names in the certificates of callers from elsewhere, "*": any
   */
  public record Permitted(List<String> users, List<String> groups, List<String> certificates) {

    public Permitted {
      users = List.copyOf(users);
      groups = List.copyOf(groups);
      certificates = List.copyOf(certificates);
    }
  }

  /**
   * Bounds of what the host keeps for a domain.
   *
   * @param connectionsPerDomain taken over; more of them are refused, whatever the guest says
   * @param connectionsPerHost the same for all domains held here
   * @param sendBytesPerDomain that the guest had sent, unacknowledged, when it was taken over
   * @param sendBytesPerHost the same for all domains held here
   * @param receiveBytesPerConnection acknowledged on the domain's behalf, then the window closes
   * @param receiveBytesPerDomain the same for all connections of a domain
   * @param receiveBytesPerHost the same for all domains held here
   * @param receiveMemoryPerDomain so much of it is kept in memory, the rest in files
   * @param spoolDirectory for those files
   * @param parkedBytesPerInterface frames kept for replay, further ones are dropped
   * @param allowedAddresses the only addresses this host ever answers for; empty: any that is the
   *     domain's own
   * @param claimBound how long a domain that has left waits for its connections: so long its new
   *     host repeats the claim; what is held is dropped then, and not before
   */
  public record Holding(
      int connectionsPerDomain,
      int connectionsPerHost,
      long sendBytesPerDomain,
      long sendBytesPerHost,
      long receiveBytesPerConnection,
      long receiveBytesPerDomain,
      long receiveBytesPerHost,
      long receiveMemoryPerDomain,
      Path spoolDirectory,
      long parkedBytesPerInterface,
      List<AddressRange> allowedAddresses,
      Duration claimBound) {

    public Holding {
      allowedAddresses = List.copyOf(allowedAddresses);
    }
  }

  /**
   * Patience with the agent in the guest.
   *
   * @param answerTimeout for a question that needs no long work
   * @param silenceBound after which the agent thaws by itself; 100 ms to 60 s
   */
  public record Agent(Duration answerTimeout, Duration silenceBound) {}

  /**
   * @param finishedOperations how many can still be asked about
   * @param journal file in which operations under way stand, for a daemon that starts after a crash
   */
  public record History(int finishedOperations, Path journal) {}
}
