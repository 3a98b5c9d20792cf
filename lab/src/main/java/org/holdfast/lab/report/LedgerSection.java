package org.holdfast.lab.report;

import com.google.protobuf.ByteString;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;

/** The ledger of an operation, folded away. */
final class LedgerSection {
  private LedgerSection() {}

  static String of(OperationReport operation) {
    List<LedgerEntry> ledger = operation.report().getLedgerList();
    long acknowledged = ledger.stream().mapToLong(LedgerEntry::getBytesAcknowledgedForVm).sum();
    long delivered = ledger.stream().mapToLong(LedgerEntry::getBytesDeliveredForVm).sum();
    Markup section = new Markup();
    section.open("details");
    section.element(
        "summary",
        "Ledger of %s: %d connections, %s acknowledged for the VM, %s delivered for it"
            .formatted(
                operation.verb(),
                ledger.size(),
                Figures.bytes(acknowledged),
                Figures.bytes(delivered)));
    section.open("table").open("thead").open("tr");
    for (String heading :
        List.of("VM", "Peer", "State", "Outcome", "Acknowledged", "Delivered", "Owner")) {
      section.element("th", heading);
    }
    section.close("tr").close("thead").open("tbody");
    ledger.forEach(entry -> row(section, entry));
    if (!operation.report().getNote().isEmpty()) {
      section.close("tbody").close("table");
      return section.element("p", operation.report().getNote()).close("details").toString();
    }
    return section.close("tbody").close("table").close("details").toString();
  }

  private static void row(Markup section, LedgerEntry entry) {
    section.open("tr");
    section.element("td", endpoint(entry.getId().getLocal()), "class", "mono");
    section.element("td", endpoint(entry.getId().getPeer()), "class", "mono");
    section.element("td", words(entry.getState().name(), "TCP_STATE_"));
    section.element("td", outcome(entry));
    section.element("td", Figures.bytes(entry.getBytesAcknowledgedForVm()));
    section.element("td", Figures.bytes(entry.getBytesDeliveredForVm()));
    section.element("td", entry.getOwner());
    section.close("tr");
  }

  private static String outcome(LedgerEntry entry) {
    StringBuilder words = new StringBuilder(words(entry.getOutcome().name(), "OUTCOME_"));
    if (entry.getReason() != UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED) {
      words.append(": ").append(words(entry.getReason().name(), "UNMANAGED_REASON_"));
    }
    if (!entry.getDetail().isEmpty()) {
      words.append(" (").append(entry.getDetail()).append(')');
    }
    return words.toString();
  }

  private static String words(String name, String prefix) {
    String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    return bare.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String endpoint(Endpoint endpoint) {
    return address(endpoint.getAddress()) + ":" + endpoint.getPort();
  }

  private static String address(ByteString bytes) {
    try {
      InetAddress address = InetAddress.getByAddress(bytes.toByteArray());
      String text = address.getHostAddress();
      return address instanceof Inet6Address ? "[" + text + "]" : text;
    } catch (UnknownHostException e) {
      return "?"; // neither 4 nor 16 bytes: the ledger is shown all the same
    }
  }
}
