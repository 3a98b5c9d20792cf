package org.holdfast.libvirt.binding;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** libvirt/libvirt-domain.h and libvirt-host.h, as far as the Java bindings leave them out. */
interface NativeLibvirt extends Library {
  NativeLibvirt INSTANCE = load();

  int VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
  int VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION = 20;
  int VIR_DOMAIN_EVENT_ID_JOB_COMPLETED = 21;

  int VIR_DOMAIN_STATS_DIRTYRATE = 1 << 9;

  int VIR_ERR_NO_SUPPORT = 3;

  int VIR_UUID_STRING_BUFLEN = 37;

  private static NativeLibvirt load() {
    // Without it JNA passes strings in the locale's encoding, and a daemon has often none.
    if (System.getProperty("jna.encoding") == null) {
      System.setProperty("jna.encoding", "UTF-8");
    }
    return Native.load("virt", NativeLibvirt.class);
  }

  interface LifecycleCallback extends Callback {
    void invoke(Pointer connection, Pointer domain, int event, int detail, Pointer opaque);
  }

  interface MigrationIterationCallback extends Callback {
    void invoke(Pointer connection, Pointer domain, int iteration, Pointer opaque);
  }

  interface JobCompletedCallback extends Callback {
    void invoke(Pointer connection, Pointer domain, Pointer params, int nparams, Pointer opaque);
  }

  interface ErrorCallback extends Callback {
    void invoke(Pointer userData, Pointer error);
  }

  interface CloseCallback extends Callback {
    void invoke(Pointer connection, int reason, Pointer opaque);
  }

  int virConnectDomainEventRegisterAny(
      Pointer conn,
      @Nullable Pointer dom,
      int eventID,
      Callback cb,
      @Nullable Pointer opaque,
      @Nullable Pointer freecb);

  int virConnectDomainEventDeregisterAny(Pointer conn, int callbackID);

  int virConnectRegisterCloseCallback(
      Pointer conn, CloseCallback cb, @Nullable Pointer opaque, @Nullable Pointer freecb);

  int virConnectUnregisterCloseCallback(Pointer conn, CloseCallback cb);

  @Nullable Pointer virDomainLookupByUUIDString(Pointer conn, String uuidstr);

  int virDomainFree(Pointer domain);

  int virDomainGetUUIDString(Pointer domain, byte[] buf);

  @Nullable String virDomainGetName(Pointer domain);

  int virDomainGetState(Pointer domain, IntByReference state, IntByReference reason, int flags);

  int virDomainMigrateSetMaxSpeed(Pointer domain, NativeLong bandwidth, int flags);

  int virDomainMigrateGetMaxSpeed(Pointer domain, NativeLongByReference bandwidth, int flags);

  int virDomainMigrateGetMaxDowntime(Pointer domain, LongByReference downtime, int flags);

  /** Since libvirt 7.2. */
  int virDomainStartDirtyRateCalc(Pointer domain, int seconds, int flags);

  int virDomainListGetStats(
      @Nullable Pointer[] doms, int stats, PointerByReference retStats, int flags);

  void virDomainStatsRecordListFree(Pointer stats);

  int virGetLastErrorCode();

  @Nullable String virGetLastErrorMessage();

  void virSetErrorFunc(@Nullable Pointer userData, @Nullable ErrorCallback handler);
}
