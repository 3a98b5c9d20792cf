package org.holdfast.command;

import java.nio.file.Path;
import org.holdfast.transport.DaemonAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which daemon; before or after the verb, as one likes. */
final class GlobalOptions {
  @Option(
      names = {"-c", "--connect"},
      paramLabel = "ADDRESS",
      defaultValue = "${env:HOLDFAST_CONNECT:-unix:/run/holdfast/holdfastd.sock}",
      converter = AddressConverter.class,
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description = {
        "The daemon to call: unix:/path, host or host:port.",
        "Default: ${DEFAULT-VALUE}, or what HOLDFAST_CONNECT says."
      })
  DaemonAddress address = DaemonAddress.parse("unix:/run/holdfast/holdfastd.sock");

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      defaultValue = "/etc/holdfast/tls",
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description = {
        "Where ca.crt, host.crt and host.key are, to call a daemon on another host.",
        "Default: ${DEFAULT-VALUE}."
      })
  Path tlsDirectory = Path.of("/etc/holdfast/tls");

  DaemonClient connect() {
    return DaemonClient.connect(address, tlsDirectory);
  }

  /** Says what an address looks like, where picocli would name a Java class. */
  static final class AddressConverter implements ITypeConverter<DaemonAddress> {
    @Override
    public DaemonAddress convert(String text) {
      try {
        return DaemonAddress.parse(text);
      } catch (IllegalArgumentException malformed) {
        throw new TypeConversionException(malformed.getMessage());
      }
    }
  }
}
