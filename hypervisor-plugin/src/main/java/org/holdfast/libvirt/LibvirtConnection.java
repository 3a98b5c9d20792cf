package org.holdfast.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.holdfast.libvirt.binding.NativeConnection;
import org.holdfast.libvirt.binding.NativeFailure;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a libvirtd. Stays usable until libvirtd goes away; then {@link #isAlive()} turns
 * false, listeners are told, and a new one must be opened.
 */
public final class LibvirtConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LibvirtConnection.class);

  /** A libvirtd that says nothing for 5 times 5 seconds is gone; virsh has the same numbers. */
  private static final int KEEPALIVE_SECONDS = 5;

  private static final int KEEPALIVE_COUNT = 5;

  private static final int UUID_CHARACTERS = 36;

  private final NativeConnection connection;
  private final LifecycleEvents events;

  private LibvirtConnection(NativeConnection connection, LifecycleEvents events) {
    this.connection = connection;
    this.events = events;
  }

  /**
   * Connects.
   *
   * @param uri e.g. "qemu:///system"
   * @throws LibvirtFailure if nobody answers there
   */
  public static LibvirtConnection open(String uri) {
    String operation = "connect to libvirt at " + uri;
    try {
      NativeConnection connection = connect(uri);
      return new LibvirtConnection(connection, LifecycleEvents.register(connection));
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of(operation, failure);
    } catch (NativeFailure failure) {
      throw LibvirtFailure.of(operation, failure);
    }
  }

  /** A connection that notices when its libvirtd is gone. */
  static NativeConnection connect(String uri) throws LibvirtException {
    EventLoop.ensureRunning();
    NativeConnection connection = new NativeConnection(uri);
    boolean done = false;
    try {
      keepAlive(connection);
      done = true;
      return connection;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  private static void keepAlive(NativeConnection connection) throws LibvirtException {
    try {
      connection.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
    } catch (LibvirtException failure) {
      if (LibvirtFailure.of("set keepalive", failure).code() != LibvirtFailure.Code.NO_SUPPORT) {
        throw failure;
      }
      LOG.debug("this driver lives in this process and needs no keepalive", failure);
    }
  }

  /** The URI this connection was opened with. */
  public String uri() {
    return connection.uri();
  }

  /** The host's name as libvirtd knows it. */
  public String hostName() {
    try {
      return connection.getHostName();
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of("ask libvirt for the host's name", failure);
    }
  }

  /** Whether libvirtd is still there. */
  public boolean isAlive() {
    try {
      return connection.isAlive();
    } catch (LibvirtException failure) {
      LOG.debug("libvirt cannot say whether the connection is alive", failure);
      return false;
    }
  }

  /** What happens to this libvirtd's domains. */
  public LifecycleEvents events() {
    return events;
  }

  /**
   * Finds a domain the way virsh does: what is a number is tried as an id first, then as a UUID if
   * it is as long as one, then as a name.
   *
   * @throws LibvirtFailure NO_DOMAIN if it is none of them
   */
  public VirtualMachine lookup(String nameOrUuidOrId) {
    String operation = "find domain '" + nameOrUuidOrId + "'";
    OptionalInt id = id(nameOrUuidOrId);
    if (id.isPresent()) {
      Optional<VirtualMachine> machine =
          attempt(operation, () -> connection.domainLookupByID(id.getAsInt()));
      if (machine.isPresent()) {
        return machine.get();
      }
    }
    if (nameOrUuidOrId.length() == UUID_CHARACTERS) {
      Optional<VirtualMachine> machine =
          attempt(operation, () -> connection.domainLookupByUUIDString(nameOrUuidOrId));
      if (machine.isPresent()) {
        return machine.get();
      }
    }
    try {
      return VirtualMachine.of(connection, connection.domainLookupByName(nameOrUuidOrId));
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of(operation, failure);
    }
  }

  /**
   * The domain with this UUID, empty if this libvirtd does not know it.
   *
   * @throws LibvirtFailure if it cannot be asked
   */
  public Optional<VirtualMachine> find(UUID uuid) {
    return attempt("find domain " + uuid, () -> connection.domainLookupByUUID(uuid));
  }

  /** All domains that are running or paused. */
  public List<VirtualMachine> activeMachines() {
    try {
      List<VirtualMachine> machines = new ArrayList<>();
      for (int id : connection.listDomains()) {
        attempt("find domain " + id, () -> connection.domainLookupByID(id))
            .ifPresent(machines::add);
      }
      return machines;
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of("list the domains", failure);
    }
  }

  /** Ends subscriptions and closes; libvirt keeps its socket until the last machine is let go. */
  @Override
  public void close() {
    events.close();
    connection.forgetCloseListener();
    try {
      connection.close();
    } catch (LibvirtException failure) {
      throw LibvirtFailure.of("close the connection to " + uri(), failure);
    }
  }

  private interface Lookup {
    Domain find() throws LibvirtException;
  }

  private Optional<VirtualMachine> attempt(String operation, Lookup lookup) {
    try {
      return Optional.of(VirtualMachine.of(connection, lookup.find()));
    } catch (LibvirtException cause) {
      LibvirtFailure failure = LibvirtFailure.of(operation, cause);
      return none(failure);
    } catch (LibvirtFailure failure) {
      return none(failure);
    }
  }

  /** A UUID that is not well-formed may still be a name. */
  private static Optional<VirtualMachine> none(LibvirtFailure failure) {
    return switch (failure.code()) {
      case NO_DOMAIN, INVALID_ARGUMENT -> Optional.empty();
      default -> throw failure;
    };
  }

  private static OptionalInt id(String text) {
    try {
      int id = Integer.parseInt(text);
      return id >= 0 ? OptionalInt.of(id) : OptionalInt.empty();
    } catch (NumberFormatException name) {
      return OptionalInt.empty();
    }
  }
}
