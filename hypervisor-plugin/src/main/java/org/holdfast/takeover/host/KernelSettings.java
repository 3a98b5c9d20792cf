package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;

/** Settings under /proc/sys/net of a takeover namespace, made before it has an interface. */
final class KernelSettings {
  private static final Path ROOT = Path.of("/proc/sys/net");

  private static final Map<String, String> SETTINGS = new LinkedHashMap<>();

  static {
    for (String scope : new String[] {"all", "default"}) {
      // Addresses come from the VM alone, and at once.
      SETTINGS.put("ipv6/conf/" + scope + "/accept_ra", "0");
      SETTINGS.put("ipv6/conf/" + scope + "/autoconf", "0");
      SETTINGS.put("ipv6/conf/" + scope + "/accept_dad", "0");
      SETTINGS.put("ipv6/conf/" + scope + "/addr_gen_mode", "1");
      SETTINGS.put("ipv6/conf/" + scope + "/router_solicitations", "0");
      SETTINGS.put("ipv6/conf/" + scope + "/accept_redirects", "0");
      SETTINGS.put("ipv4/conf/" + scope + "/accept_redirects", "0");
      // Each interface answers for its own addresses; a VM may be reached by asymmetric routes.
      SETTINGS.put("ipv4/conf/" + scope + "/arp_ignore", "1");
      SETTINGS.put("ipv4/conf/" + scope + "/arp_announce", "2");
      SETTINGS.put("ipv4/conf/" + scope + "/rp_filter", "0");
    }
    SETTINGS.put("ipv4/tcp_timestamps", "1");
    SETTINGS.put("ipv4/tcp_sack", "1");
    SETTINGS.put("ipv4/tcp_window_scaling", "1");
    SETTINGS.put("ipv4/tcp_rmem", "4096 131072 67108864");
    SETTINGS.put("ipv4/tcp_wmem", "4096 16384 67108864");
    // A copy that cannot reach its peer waits with the VM; giving up is for the VM to decide.
    SETTINGS.put("ipv4/tcp_retries2", "255");
    // What another takeover measured on the way to the same peer says nothing about this one.
    SETTINGS.put("ipv4/tcp_no_metrics_save", "1");
  }

  private KernelSettings() {}

  /**
   * Applies all settings. To be called on a thread of the namespace. A setting this kernel does not
   * have (IPv6 switched off) is left out.
   *
   * @throws TakeoverException if one cannot be written
   */
  static void apply() {
    SETTINGS.forEach(
        (name, value) -> {
          Path setting = ROOT.resolve(name);
          if (Files.exists(setting)) {
            write(setting, value);
          }
        });
  }

  private static void write(Path setting, String value) {
    try {
      Files.writeString(setting, value);
    } catch (IOException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED,
          "cannot write " + value + " to " + setting + "; is /proc/sys read-only here?",
          e);
    }
  }
}
