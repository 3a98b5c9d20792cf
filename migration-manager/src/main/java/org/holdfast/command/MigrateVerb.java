package org.holdfast.command;

import com.google.longrunning.Operation;
import com.google.protobuf.util.Durations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.proto.v1.MigrateDomainRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast migrate}, which takes what {@code virsh migrate} takes. */
@Command(
    name = "migrate",
    description = {
      "Moves a running domain to another host and keeps its connections.",
      "Ctrl-C cancels: all is rolled back, and the domain goes on where it was."
    })
final class MigrateVerb extends OperationVerb {
  @Parameters(
      arity = "0..*",
      paramLabel = "DOMAIN DESTURI",
      description = {
        "The domain's name, UUID or id, and the destination's libvirt URI,",
        "for example qemu+tcp://kvm2/system."
      })
  private List<String> positional = new ArrayList<>();

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "As by position.")
  private @Nullable String domain;

  @Option(names = "--desturi", paramLabel = "DESTURI", description = "As by position.")
  private @Nullable String destinationUri;

  @Option(names = "--live", description = "The domain runs while its memory is copied.")
  private boolean live;

  @Option(
      names = "--p2p",
      description = "The two libvirtd talk to each other directly, as virsh --p2p.")
  private boolean peerToPeer;

  @Option(names = "--persistent", description = "Defines the domain on the destination.")
  private boolean persistent;

  @Option(names = "--undefinesource", description = "Undefines the domain on the source.")
  private boolean undefineSource;

  @Option(names = "--verbose", description = "Shows the progress on stderr.")
  private boolean verbose;

  @Option(
      names = "--bandwidth",
      paramLabel = "MiB/s",
      description = "The most the copying of memory may use.")
  private int bandwidth;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Then the domain is suspended so that the migration completes. Needs --live.")
  private int timeout;

  @Option(
      names = "--max-brownout",
      paramLabel = "SECONDS",
      description = {
        "As --timeout, counted from the takeover of the connections: from then on the domain",
        "runs without its network. Needs --live."
      })
  private int maxBrownout;

  @Option(
      names = "--max-blackout",
      paramLabel = "MS",
      description = {
        "The longest that peers may hear nobody while their connections are taken over. A takeover",
        "that takes longer is undone: the domain moves with its own sockets, or with --connections",
        "require it stays."
      })
  private int maxBlackout;

  @Option(
      names = "--auto-converge",
      description = "QEMU slows a domain that stores faster than its memory is sent.")
  private boolean autoConverge;

  @Option(
      names = "--compressed",
      description = "QEMU sends of a page that it has sent before only what is different.")
  private boolean compressed;

  @Option(
      names = {"--postcopy", "--postcopy-after-precopy"},
      hidden = true)
  private boolean postcopy;

  @Option(names = "--parallel", hidden = true)
  private boolean parallel;

  @Option(
      names = "--destination-daemon",
      paramLabel = "HOST[:PORT]",
      description = "The destination's holdfastd. Default: the host of DESTURI, port 16550.")
  private String destinationDaemon = "";

  @Mixin private KeepOption keep = new KeepOption();

  @Mixin private TakeoverOption takeover = new TakeoverOption();

  private List<String> words = List.of();

  @Override
  void check() {
    words = words(List.of("domain", "desturi"), Arrays.asList(domain, destinationUri), positional);
    if (bandwidth < 0) {
      throw misused("--bandwidth is a number of MiB/s, 0 or more");
    }
    if (timeout < 0) {
      throw misused("--timeout is a number of seconds, 0 or more");
    }
    if (timeout > 0 && !live) {
      throw misused("--timeout needs --live");
    }
    if (postcopy) {
      throw misused(
          "--postcopy is not supported: the domain would run on the destination before its memory is"
              + " there. Where it does not converge, --max-brownout ends the migration in time");
    }
    if (parallel) {
      throw misused("--parallel is not supported: memory is sent over one connection");
    }
    if (maxBlackout < 0) {
      throw misused("--max-blackout is a number of milliseconds, 0 or more");
    }
    if (maxBrownout < 0) {
      throw misused("--max-brownout is a number of seconds, 0 or more");
    }
    if (maxBrownout > 0 && !live) {
      throw misused("--max-brownout needs --live");
    }
  }

  @Override
  boolean verbose() {
    return verbose;
  }

  @Override
  Operation begin(DaemonClient daemon, String requestId, boolean validateOnly) {
    return daemon
        .migration()
        .migrateDomain(
            MigrateDomainRequest.newBuilder()
                .setDomain(words.get(0))
                .setDestinationUri(words.get(1))
                .setConnections(keep.policy)
                .setLive(live)
                .setPeerToPeer(peerToPeer)
                .setPersistent(persistent)
                .setUndefineSource(undefineSource)
                .setBandwidthMibPerSecond(bandwidth)
                .setTimeout(Durations.fromSeconds(timeout))
                .setTakeover(takeover.moment.moment())
                .setTakeoverIteration(takeover.moment.iteration())
                .setMaxBrownout(Durations.fromSeconds(maxBrownout))
                .setMaxBlackout(Durations.fromMillis(maxBlackout))
                .setAutoConverge(autoConverge)
                .setCompressed(compressed)
                .setDestinationDaemon(destinationDaemon)
                .setRequestId(requestId)
                .setValidateOnly(validateOnly)
                .build());
  }

  @Override
  String success() {
    return "Domain '" + words.get(0) + "' migrated to " + words.get(1);
  }

  @Override
  String validated() {
    return "Domain '" + words.get(0) + "' can be migrated to " + words.get(1);
  }
}
