package org.holdfast.access;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.holdfast.linux.PeerProcess;
import org.jspecify.annotations.Nullable;

/** Who calls: told by the kernel or proven by a certificate, never by the caller's own words. */
public sealed interface Caller {
  /** The process at the other end of a Unix socket; the door puts it there. */
  Attributes.Key<PeerProcess> PROCESS = Attributes.Key.create("org.holdfast.process");

  /** The caller of the call that runs. */
  Context.Key<Caller> CURRENT = Context.key("org.holdfast.caller");

  /** A process of this host. */
  record Local(PeerProcess process) implements Caller {
    @Override
    public String toString() {
      return "user " + process.user() + " (process " + process.pid() + ")";
    }
  }

  /**
   * Somebody with a certificate of our authority.
   *
   * @param names that stand in it
   */
  record Certified(Set<String> names) implements Caller {
    public Certified {
      names = Set.copyOf(names);
    }

    @Override
    public String toString() {
      return "the certificate of " + String.join(", ", names.stream().sorted().toList());
    }
  }

  /** A connection that shows neither; nothing is open to it. */
  record Unknown() implements Caller {
    @Override
    public String toString() {
      return "an unknown caller";
    }
  }

  /** The caller at the other end of a connection. */
  static Caller of(Attributes connection) {
    PeerProcess process = connection.get(PROCESS);
    if (process != null) {
      return new Local(process);
    }
    SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    X509Certificate certificate = session == null ? null : certificate(session);
    return certificate == null ? new Unknown() : new Certified(CertificateNames.of(certificate));
  }

  private static @Nullable X509Certificate certificate(SSLSession session) {
    try {
      return (X509Certificate) session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException nameless) {
      return null;
    }
  }

  /** The caller of the call that runs on this thread. */
  static Caller current() {
    Caller caller = CURRENT.get();
    return caller == null ? new Unknown() : caller;
  }

  /** Whether its certificate has this name or address, read as TLS reads it. */
  default boolean isNamed(String name) {
    return this instanceof Certified certified
        && certified.names().stream().anyMatch(own -> CertificateNames.covers(own, name));
  }
}
