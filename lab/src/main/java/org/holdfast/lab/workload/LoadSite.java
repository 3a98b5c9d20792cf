package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.List;
import org.holdfast.lab.CommandResult;

/** Where the two halves of a load run: clients in the peer, servers in the guest. */
public interface LoadSite {
  /** The guest's IPv4 address as the peer reaches it. */
  String ipv4();

  /** The guest's IPv6 address as the peer reaches it. */
  String ipv6();

  /** The words, without the remote command, of an ssh session from the peer into the guest. */
  List<String> sshCommand();

  /** A directory for the load's own files, on both sides; no other load uses it. */
  String directory();

  /** Whether the guest is one of the lab's, with its layout of cgroups. */
  boolean isGuestOfLab();

  /** Runs a shell script, of 100 kB at most, in the peer and waits for it. */
  CommandResult peer(Duration bound, String script);

  /** Runs a shell script, of 100 kB at most, in the guest and waits for it. */
  CommandResult guest(Duration bound, String script);
}
