package org.holdfast.command;

import java.io.PrintWriter;
import org.holdfast.proto.v1.ListConnectionsRequest;
import org.holdfast.proto.v1.ListConnectionsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast connections}: what would be kept, what not, and why. */
@Command(
    name = "connections",
    description = "Lists a domain's connections: which would be kept, which not, and why.")
final class ConnectionsVerb extends QueryVerb {
  @Parameters(paramLabel = "DOMAIN", description = "Its name, UUID or id.")
  private String domain = "";

  @Option(names = "--json", description = "Prints the list as JSON on stdout.")
  private boolean json;

  @Override
  void ask(DaemonClient daemon, PrintWriter out) {
    ListConnectionsResponse.Builder all = ListConnectionsResponse.newBuilder();
    String token = "";
    do {
      ListConnectionsResponse page =
          daemon
              .migration()
              .listConnections(
                  ListConnectionsRequest.newBuilder()
                      .setDomain(domain)
                      .setPageToken(token)
                      .build());
      all.addAllConnections(page.getConnectionsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    if (json) {
      ReportPrinter.json(out, all);
    } else {
      out.print(LedgerTable.render(all.getConnectionsList()));
    }
  }
}
