package org.holdfast.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.holdfast.configuration.DaemonConfiguration.Tls;

/** Certificates made for a test, with openssl, as an operator makes them. */
public final class Certificates {
  private final Path directory;

  private Certificates(Path directory) {
    this.directory = directory;
  }

  /** An authority of its own in the directory, which becomes one that --tls-dir takes. */
  public static Certificates in(Path directory) throws IOException, InterruptedException {
    Certificates certificates = new Certificates(directory);
    certificates.openssl(
        List.of(
            "-keyout",
            directory.resolve("ca.key").toString(),
            "-out",
            directory.resolve("ca.crt").toString(),
            "-subj",
            "/CN=test authority",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign"));
    return certificates;
  }

  /** host.crt and host.key for this name, of this authority; replaces what was there. */
  public Tls issue(String commonName) throws IOException, InterruptedException {
    return issue(commonName, "DNS:localhost,IP:127.0.0.1");
  }

  /**
   * The same with other names in it.
   *
   * @param alternativeNames as openssl wants them, "DNS:kvm1,IP:192.0.2.1"
   */
  public Tls issue(String commonName, String alternativeNames)
      throws IOException, InterruptedException {
    openssl(
        List.of(
            "-CA",
            directory.resolve("ca.crt").toString(),
            "-CAkey",
            directory.resolve("ca.key").toString(),
            "-keyout",
            directory.resolve("host.key").toString(),
            "-out",
            directory.resolve("host.crt").toString(),
            "-subj",
            "/CN=" + commonName,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "subjectAltName=" + alternativeNames));
    return files();
  }

  /** The same authority, with another folder for what it issues. */
  public Certificates folder(Path other) throws IOException {
    Files.createDirectories(other);
    for (String file : List.of("ca.crt", "ca.key")) {
      Files.copy(directory.resolve(file), other.resolve(file));
    }
    return new Certificates(other);
  }

  public Tls files() {
    return new Tls(
        directory.resolve("ca.crt"), directory.resolve("host.crt"), directory.resolve("host.key"));
  }

  private void openssl(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
    command.addAll(List.of("-noenc", "-days", "2"));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("openssl failed: " + said);
    }
  }
}
