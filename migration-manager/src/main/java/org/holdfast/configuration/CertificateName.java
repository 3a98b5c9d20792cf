package org.holdfast.configuration;

import java.util.regex.Pattern;

/** A name that may stand in a certificate: of a host, of an orchestrator, or "*" for any. */
final class CertificateName {
  private static final Pattern NAME = Pattern.compile("\\*|[A-Za-z0-9][A-Za-z0-9._:@ -]{0,252}");

  private CertificateName() {}

  /**
   * @throws IllegalArgumentException it cannot be one; patterns other than a lone * are none
   */
  static String parse(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("certificates have no such name");
    }
    return text;
  }
}
