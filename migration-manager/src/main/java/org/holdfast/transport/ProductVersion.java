package org.holdfast.transport;

import io.grpc.Metadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, and the header in which a daemon tells it to its callers. */
public final class ProductVersion {
  /** Every answer of a daemon has it. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("holdfast-version", Metadata.ASCII_STRING_MARSHALLER);

  private ProductVersion() {}

  /** As in the package's name, for example "0.1.0". */
  public static String current() {
    try (InputStream resource = ProductVersion.class.getResourceAsStream("version.properties")) {
      if (resource == null) {
        throw new IllegalStateException(
            "version.properties is missing beside ProductVersion.class: build with Maven.");
      }
      Properties properties = new Properties();
      properties.load(resource);
      return properties.getProperty("version", "unknown");
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
