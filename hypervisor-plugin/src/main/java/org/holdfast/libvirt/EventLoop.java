package org.holdfast.libvirt;

import java.util.concurrent.TimeUnit;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's event loop: one per process, on a thread of its own, for as long as the process lives.
 * Events and keepalive of every connection run on it, so nothing slow may.
 */
final class EventLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final long PAUSE_AFTER_FAILURE_MILLIS = 200;

  private static boolean running;

  private EventLoop() {}

  /** Must come before the first connection is opened: later ones would have no events. */
  static synchronized void ensureRunning() throws LibvirtException {
    if (running) {
      return;
    }
    Library.initEventLoop();
    Thread thread = new Thread(EventLoop::run, "libvirt-event-loop");
    thread.setDaemon(true);
    thread.start();
    running = true;
  }

  private static void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Library.processEvent();
      } catch (LibvirtException | RuntimeException failure) {
        LOG.error("libvirt's event loop failed once; it goes on", failure);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
