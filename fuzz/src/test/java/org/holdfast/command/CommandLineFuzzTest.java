package org.holdfast.command;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.transport.DaemonAddress;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What a user may type. */
final class CommandLineFuzzTest {
  private static final int WORDS = 12;
  private static final CommandLine LINE = HoldfastCommand.create();
  private static final String[] KNOWN = {
    "migrate",
    "suspend",
    "resume",
    "connections",
    "operations",
    "cancel",
    "status",
    "version",
    "help",
    "--live",
    "--verbose",
    "--json",
    "--connections",
    "--connect",
    "--timeout",
    "--bandwidth",
    "--tls-dir",
    "require",
    "web1",
    "qemu+tcp://kvm2/system"
  };

  @FuzzTest
  void everyLineIsUnderstoodOrRefused(FuzzedDataProvider data) {
    List<String> words = new ArrayList<>();
    while (data.remainingBytes() > 0 && words.size() < WORDS) {
      String word = data.consumeBoolean() ? data.pickValue(KNOWN) : data.consumeString(64);
      // A word that begins so names a file to read words from.
      words.add(word.startsWith("@") ? word.substring(1) : word);
    }
    try {
      LINE.parseArgs(words.toArray(new String[0]));
    } catch (ParameterException refused) {
      // That is how a line is refused.
    }
  }

  @FuzzTest
  void everyAddressIsUnderstoodOrRefused(FuzzedDataProvider data) {
    try {
      DaemonAddress address = DaemonAddress.parse(data.consumeRemainingAsString());
      DaemonAddress.parse(address.toString());
    } catch (IllegalArgumentException refused) {
      // That is how an address is refused.
    }
  }
}
