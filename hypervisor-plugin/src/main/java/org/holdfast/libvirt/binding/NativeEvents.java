package org.holdfast.libvirt.binding;

import com.sun.jna.Callback;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Registers for the events of all domains of a connection, with libvirt's own numbers. libvirt
 * calls back on the event loop's thread.
 */
public final class NativeEvents {
  private final NativeConnection connection;
  private final List<Integer> callbackIds = new ArrayList<>();

  /** libvirt knows only addresses: what stands here is not collected while it may be called. */
  private final List<Callback> callbacks = new ArrayList<>();

  /** What libvirt reports. Must return soon and throw nothing. */
  public interface Receiver {
    /** virConnectDomainEventCallback. */
    void lifecycle(String uuid, String name, int event, int detail);

    /** virConnectDomainEventMigrationIterationCallback; needs VIR_MIGRATE events of QEMU. */
    void migrationIteration(String uuid, String name, int iteration);

    /** virConnectDomainEventJobCompletedCallback; values as {@link TypedParameters} reads them. */
    void jobCompleted(String uuid, String name, Map<String, Object> statistics);
  }

  private NativeEvents(NativeConnection connection) {
    this.connection = connection;
  }

  /**
   * Registers for lifecycle events, and for those of jobs where the driver has them.
   *
   * @throws NativeFailure if the driver has no events at all
   */
  public static NativeEvents register(NativeConnection connection, Receiver receiver)
      throws NativeFailure {
    NativeEvents events = new NativeEvents(connection);
    NativeLibvirt.LifecycleCallback lifecycle =
        (conn, domain, event, detail, opaque) ->
            receiver.lifecycle(uuid(domain), name(domain), event, detail);
    NativeLibvirt.MigrationIterationCallback iteration =
        (conn, domain, number, opaque) ->
            receiver.migrationIteration(uuid(domain), name(domain), number);
    NativeLibvirt.JobCompletedCallback completed =
        (conn, domain, params, count, opaque) ->
            receiver.jobCompleted(uuid(domain), name(domain), TypedParameters.read(params, count));
    if (!events.add(NativeLibvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle)) {
      throw NativeFailure.last();
    }
    events.add(NativeLibvirt.VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, iteration);
    events.add(NativeLibvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, completed);
    return events;
  }

  /** Ends all of it. */
  public void deregister() {
    for (int id : callbackIds) {
      NativeLibvirt.INSTANCE.virConnectDomainEventDeregisterAny(connection.pointer(), id);
    }
    callbackIds.clear();
  }

  private boolean add(int event, Callback callback) {
    callbacks.add(callback);
    int id =
        NativeLibvirt.INSTANCE.virConnectDomainEventRegisterAny(
            connection.pointer(), null, event, callback, null, null);
    if (id < 0) {
      return false;
    }
    callbackIds.add(id);
    return true;
  }

  private static String uuid(Pointer domain) {
    byte[] text = new byte[NativeLibvirt.VIR_UUID_STRING_BUFLEN];
    NativeLibvirt.INSTANCE.virDomainGetUUIDString(domain, text);
    return Native.toString(text, "US-ASCII");
  }

  private static String name(Pointer domain) {
    String name = NativeLibvirt.INSTANCE.virDomainGetName(domain);
    return name == null ? "" : name;
  }
}
