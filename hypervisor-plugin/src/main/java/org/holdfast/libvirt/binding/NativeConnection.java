package org.holdfast.libvirt.binding;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/** A connection of the Java bindings that lets this package at its pointer. */
public final class NativeConnection extends Connect {
  /** libvirt would otherwise print every error to standard error; ours travel as exceptions. */
  private static final NativeLibvirt.ErrorCallback SILENT = (userData, error) -> {};

  private final String uri;
  private NativeLibvirt.@Nullable CloseCallback closeCallback;

  /**
   * Opens a connection; the event loop must be registered before.
   *
   * @param uri libvirt's connection URI
   */
  public NativeConnection(String uri) throws LibvirtException {
    super(quietly(uri));
    this.uri = uri;
  }

  /** The URI it was opened with. */
  public String uri() {
    return uri;
  }

  private static String quietly(String uri) {
    NativeLibvirt.INSTANCE.virSetErrorFunc(null, SILENT);
    return uri;
  }

  Pointer pointer() {
    return vcp.getPointer();
  }

  /** Receives the end of the connection, on the event loop's thread. */
  public interface CloseListener {
    /**
     * @param reason virConnectCloseReason of libvirt/libvirt-common.h
     */
    void closed(int reason);
  }

  /**
   * Tells the listener, once, when the connection is lost.
   *
   * @throws NativeFailure for drivers that cannot lose one, such as the test driver
   */
  public void onClose(CloseListener listener) throws NativeFailure {
    NativeLibvirt.CloseCallback callback = (connection, reason, opaque) -> listener.closed(reason);
    if (NativeLibvirt.INSTANCE.virConnectRegisterCloseCallback(pointer(), callback, null, null)
        < 0) {
      throw NativeFailure.last();
    }
    closeCallback = callback;
  }

  /** Ends what {@link #onClose} began; libvirt holds a reference to the connection until then. */
  public void forgetCloseListener() {
    if (closeCallback != null) {
      NativeLibvirt.INSTANCE.virConnectUnregisterCloseCallback(pointer(), closeCallback);
      closeCallback = null;
    }
  }
}
