package org.holdfast.access;

import com.google.common.net.InetAddresses;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The names in a certificate (RFC 6125): its DNS names and addresses; the common name if none. */
final class CertificateNames {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateNames() {}

  static Set<String> of(X509Certificate certificate) {
    Set<String> names = alternativeNames(certificate);
    if (names.isEmpty()) {
      commonName(certificate, names);
    }
    return names;
  }

  /**
   * Whether a name in a certificate is that of a host (RFC 6125, 6.4).
   *
   * @param own in the certificate: a name, *.domain for any one label before it, or an address
   * @param called the host's name or address, as it is called
   */
  static boolean covers(String own, String called) {
    if (InetAddresses.isInetAddress(own) && InetAddresses.isInetAddress(called)) {
      return InetAddresses.forString(own).equals(InetAddresses.forString(called));
    }
    int dot = called.indexOf('.');
    return own.equalsIgnoreCase(called)
        || (dot > 0 && own.equalsIgnoreCase("*" + called.substring(dot)));
  }

  private static Set<String> alternativeNames(X509Certificate certificate) {
    Set<String> names = new HashSet<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
        int kind = (Integer) name.get(0);
        if (kind == DNS_NAME || kind == IP_ADDRESS) {
          names.add(String.valueOf(name.get(1)));
        }
      }
    } catch (CertificateParsingException unreadable) {
      // What cannot be read names nobody.
    }
    return names;
  }

  private static void commonName(X509Certificate certificate, Set<String> names) {
    try {
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          names.add(String.valueOf(part.getValue()));
        }
      }
    } catch (InvalidNameException unreadable) {
      // What cannot be read names nobody.
    }
  }
}
