package org.holdfast.lab.report;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.workload.ConnectionVerdict;

/** What a client complains of, in words. */
final class Complaints {
  private Complaints() {}

  static String words(ConnectionVerdict verdict) {
    List<String> words = new ArrayList<>();
    switch (verdict.fate()) {
      case KEPT, COMPLETED -> {}
      case LOST -> words.add("lost, " + verdict.words());
      case SILENT -> words.add("silent: no error, but nothing came any more");
    }
    words.addAll(verdict.findings());
    return String.join("; ", words);
  }
}
