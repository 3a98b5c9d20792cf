package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.holdfast.transport.Certificates;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that opens a door is ever written down. */
@Tag("kernel")
@Timeout(180)
class SecretsTest {
  private static final int PART_OF_A_KEY = 24;

  @TempDir private Path directory;

  /** A takeover, refused, broken and successful claims, all with every logger at its loudest. */
  @Test
  void neitherLogsNorErrorsNorMessagesHaveASecretInThem() throws Exception {
    Certificates.in(directory).issue("kvm1");
    Path said = directory.resolve("said");
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                // The daemon's own file, with nothing held back.
                "-Dlogback.configurationFile=" + loudest(),
                TalkativeRun.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(run.waitFor(120, TimeUnit.SECONDS)).isTrue();

    String all = Files.readString(said, StandardCharsets.ISO_8859_1);
    assertThat(all).contains("the run is over", "CLAIM_REFUSED", "TRACE", "DEBUG");
    assertThat(all).contains("secret: [REDACTED]").contains("<32 bytes>");
    for (String secret : Files.readAllLines(directory.resolve("secrets"))) {
      assertThat(found(all, HexFormat.of().parseHex(secret))).isEmpty();
    }
    assertThat(found(all, privateKey())).isEmpty();
  }

  private Path loudest() throws Exception {
    String daemons =
        Files.readString(Path.of("src/main/resources/logback.xml"))
            .replaceAll("<logger [^>]*/>", "")
            .replace("${HOLDFAST_LOG_LEVEL:-INFO}", "TRACE");
    assertThat(daemons).contains("RedactedMessage");
    return Files.writeString(directory.resolve("loudest.xml"), daemons);
  }

  /** The secret number of the key: PKCS#8 has it, 32 bytes, behind what is the same in all keys. */
  private byte[] privateKey() throws Exception {
    String pem = Files.readString(directory.resolve("host.key")).replaceAll("-----[^-]*-----", "");
    byte[] der = Base64.getMimeDecoder().decode(pem);
    return Arrays.copyOfRange(der, 36, 36 + PART_OF_A_KEY);
  }

  /** In which writings {@code secret}, or a good part of it, stands in {@code text}. */
  private static List<String> found(String text, byte[] secret) {
    byte[] part = Arrays.copyOf(secret, PART_OF_A_KEY);
    String hex = HexFormat.of().formatHex(part);
    List<String> found = new ArrayList<>();
    if (text.contains(new String(part, StandardCharsets.ISO_8859_1))) {
      found.add("raw");
    }
    if (text.toLowerCase(Locale.ROOT).contains(hex)
        || text.toLowerCase(Locale.ROOT).contains(HexFormat.ofDelimiter(":").formatHex(part))) {
      found.add("hex");
    }
    String once = Base64.getEncoder().encodeToString(part);
    if (text.contains(once) || text.contains(Base64.getUrlEncoder().encodeToString(part))) {
      found.add("base64");
    }
    if (text.contains(TextFormat.escapeBytes(ByteString.copyFrom(part)))) {
      found.add("escaped");
    }
    if (text.contains(Arrays.toString(part).replace("[", "").replace("]", ""))) {
      found.add("numbers");
    }
    return found;
  }
}
