package org.holdfast.libvirt.binding;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Cleaner;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A domain, for the calls that the Java bindings lack. Its pointer is freed with the object. */
public final class NativeDomain {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Pointer domain;

  private NativeDomain(Pointer domain) {
    this.domain = domain;
    CLEANER.register(this, () -> NativeLibvirt.INSTANCE.virDomainFree(domain));
  }

  /**
   * Looks a domain up.
   *
   * @param uuid with hyphens
   */
  public static NativeDomain lookup(NativeConnection connection, String uuid) throws NativeFailure {
    @Nullable Pointer domain =
        NativeLibvirt.INSTANCE.virDomainLookupByUUIDString(connection.pointer(), uuid);
    if (domain == null) {
      throw NativeFailure.last();
    }
    return new NativeDomain(domain);
  }

  /**
   * A state and its reason, as numbers of libvirt/libvirt-domain.h.
   *
   * @param state virDomainState
   * @param reason of the enum that belongs to the state, such as virDomainPausedReason
   */
  public record State(int state, int reason) {}

  /** virDomainGetState. */
  public State state() throws NativeFailure {
    IntByReference state = new IntByReference();
    IntByReference reason = new IntByReference();
    if (NativeLibvirt.INSTANCE.virDomainGetState(domain, state, reason, 0) < 0) {
      throw NativeFailure.last();
    }
    return new State(state.getValue(), reason.getValue());
  }

  /**
   * virDomainMigrateSetMaxSpeed.
   *
   * @param mebibytesPerSecond for this and later migrations
   */
  public void setMaxSpeed(long mebibytesPerSecond) throws NativeFailure {
    if (NativeLibvirt.INSTANCE.virDomainMigrateSetMaxSpeed(
            domain, new NativeLong(mebibytesPerSecond, true), 0)
        < 0) {
      throw NativeFailure.last();
    }
  }

  /** virDomainMigrateGetMaxSpeed, MiB/s. */
  public long maxSpeed() throws NativeFailure {
    NativeLongByReference mebibytesPerSecond = new NativeLongByReference();
    if (NativeLibvirt.INSTANCE.virDomainMigrateGetMaxSpeed(domain, mebibytesPerSecond, 0) < 0) {
      throw NativeFailure.last();
    }
    return mebibytesPerSecond.getValue().longValue();
  }

  /** virDomainMigrateGetMaxDowntime, milliseconds. */
  public long maxDowntime() throws NativeFailure {
    LongByReference milliseconds = new LongByReference();
    if (NativeLibvirt.INSTANCE.virDomainMigrateGetMaxDowntime(domain, milliseconds, 0) < 0) {
      throw NativeFailure.last();
    }
    return milliseconds.getValue();
  }

  /**
   * virDomainStartDirtyRateCalc: QEMU looks at a sample of the guest's pages twice.
   *
   * @param seconds between the two looks, from 1
   * @throws NativeFailure VIR_ERR_NO_SUPPORT if libvirt is older than 7.2
   */
  public void startDirtyRateCalculation(int seconds) throws NativeFailure {
    try {
      if (NativeLibvirt.INSTANCE.virDomainStartDirtyRateCalc(domain, seconds, 0) < 0) {
        throw NativeFailure.last();
      }
    } catch (UnsatisfiedLinkError tooOld) {
      throw new NativeFailure(NativeLibvirt.VIR_ERR_NO_SUPPORT, "libvirt is older than 7.2");
    }
  }

  /** virDomainListGetStats, VIR_DOMAIN_STATS_DIRTYRATE: "dirtyrate.calc_status" and others. */
  public Map<String, Object> dirtyRate() throws NativeFailure {
    PointerByReference answer = new PointerByReference();
    int count =
        NativeLibvirt.INSTANCE.virDomainListGetStats(
            new @Nullable Pointer[] {domain, null},
            NativeLibvirt.VIR_DOMAIN_STATS_DIRTYRATE,
            answer,
            0);
    if (count < 0) {
      throw NativeFailure.last();
    }
    Pointer records = answer.getValue();
    try {
      return count == 0 ? Map.of() : statistics(records.getPointer(0));
    } finally {
      NativeLibvirt.INSTANCE.virDomainStatsRecordListFree(records);
    }
  }

  /** struct virDomainStatsRecord: the domain, the parameters, their number. */
  private static Map<String, Object> statistics(Pointer record) {
    return TypedParameters.read(
        record.getPointer(Native.POINTER_SIZE), record.getInt(2L * Native.POINTER_SIZE));
  }
}
