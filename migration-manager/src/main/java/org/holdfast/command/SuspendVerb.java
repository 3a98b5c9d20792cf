package org.holdfast.command;

import com.google.longrunning.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast suspend}: {@code virsh suspend} with the connections held. */
@Command(
    name = "suspend",
    description = "Pauses a domain; this host holds its connections until it is resumed.")
final class SuspendVerb extends OperationVerb {
  @Parameters(arity = "0..*", paramLabel = "DOMAIN", description = "Its name, UUID or id.")
  private List<String> positional = new ArrayList<>();

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "As by position.")
  private @Nullable String domain;

  @Mixin private KeepOption keep = new KeepOption();

  private List<String> words = List.of();

  @Override
  void check() {
    words = words(List.of("domain"), Collections.singletonList(domain), positional);
  }

  @Override
  Operation begin(DaemonClient daemon, String requestId, boolean validateOnly) {
    return daemon
        .migration()
        .suspendDomain(
            SuspendDomainRequest.newBuilder()
                .setDomain(words.get(0))
                .setConnections(keep.policy)
                .setRequestId(requestId)
                .setValidateOnly(validateOnly)
                .build());
  }

  @Override
  String success() {
    return "Domain '" + words.get(0) + "' suspended";
  }

  @Override
  String validated() {
    return "Domain '" + words.get(0) + "' can be suspended";
  }
}
