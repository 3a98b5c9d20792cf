package org.holdfast.migration.run;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.libvirt.DomainEventListener;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.libvirt.LibvirtFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This host's libvirt. A libvirtd that was restarted is connected to again when it is next needed,
 * and whoever listens for good goes on hearing.
 */
public final class LibvirtAccess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LibvirtAccess.class);

  private final String uri;
  private final List<DomainEventListener> listeners = new CopyOnWriteArrayList<>();
  private LibvirtConnection connection;

  private LibvirtAccess(String uri, LibvirtConnection connection) {
    this.uri = uri;
    this.connection = connection;
  }

  /**
   * @throws LibvirtFailure if nobody answers
   */
  static LibvirtAccess open(String uri) {
    return new LibvirtAccess(uri, LibvirtConnection.open(uri));
  }

  /**
   * A connection that lives.
   *
   * @throws LibvirtFailure if libvirtd is gone and does not come back
   */
  synchronized LibvirtConnection connection() {
    if (!connection.isAlive()) {
      log.info("libvirtd at {} was lost; connecting again", uri);
      LibvirtConnection again = LibvirtConnection.open(uri);
      closeQuietly(connection);
      connection = again;
      listeners.forEach(again.events()::subscribe);
    }
    return connection;
  }

  /** Hears of everything from now on, also through another connection. */
  synchronized void listen(DomainEventListener listener) {
    listeners.add(listener);
    connection.events().subscribe(listener);
  }

  private static void closeQuietly(LibvirtConnection dead) {
    try {
      dead.close();
    } catch (LibvirtFailure gone) {
      log.debug("the lost connection could not be closed", gone);
    }
  }

  @Override
  public synchronized void close() {
    closeQuietly(connection);
  }
}
