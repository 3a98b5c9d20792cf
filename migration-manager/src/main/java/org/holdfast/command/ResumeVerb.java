package org.holdfast.command;

import com.google.longrunning.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.holdfast.proto.v1.ResumeDomainRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast resume}: {@code virsh resume} with the connections given back. */
@Command(
    name = "resume",
    description = "Continues a suspended domain and gives its connections back to it.")
final class ResumeVerb extends OperationVerb {
  @Parameters(arity = "0..*", paramLabel = "DOMAIN", description = "Its name, UUID or id.")
  private List<String> positional = new ArrayList<>();

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "As by position.")
  private @Nullable String domain;

  private List<String> words = List.of();

  @Override
  void check() {
    words = words(List.of("domain"), Collections.singletonList(domain), positional);
  }

  @Override
  Operation begin(DaemonClient daemon, String requestId, boolean validateOnly) {
    return daemon
        .migration()
        .resumeDomain(
            ResumeDomainRequest.newBuilder()
                .setDomain(words.get(0))
                .setRequestId(requestId)
                .setValidateOnly(validateOnly)
                .build());
  }

  @Override
  String success() {
    return "Domain '" + words.get(0) + "' resumed";
  }

  @Override
  String validated() {
    return "Domain '" + words.get(0) + "' can be resumed";
  }
}
