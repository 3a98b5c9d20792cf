package org.holdfast.lab.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.VirtualMachine;
import org.jspecify.annotations.Nullable;

/** What a fault is done to. */
public final class Scene {
  private final KvmHost source;
  private final KvmHost target;
  private final VirtualMachine vm;
  private final List<Runnable> repairs = new ArrayList<>();
  private @Nullable BackgroundCommand command;

  Scene(KvmHost source, KvmHost target, VirtualMachine vm) {
    this.source = source;
    this.target = target;
    this.vm = vm;
  }

  KvmHost source() {
    return source;
  }

  KvmHost target() {
    return target;
  }

  VirtualMachine vm() {
    return vm;
  }

  String domain() {
    return vm.name();
  }

  void runs(BackgroundCommand migration) {
    command = migration;
  }

  /** The command that migrates. */
  BackgroundCommand command() {
    if (command == null) {
      throw new IllegalStateException("the migration has not begun");
    }
    return command;
  }

  /** What must be done when the migration is over, so that the next one finds sound hosts. */
  void afterwards(Runnable repair) {
    repairs.add(repair);
  }

  void repair() {
    repairs.forEach(Runnable::run);
    repairs.clear();
  }

  /** For a fault that happens by itself. */
  void nothing() {}

  /** As an orchestrator does: another client of the daemon cancels what is under way. */
  void cancelByCall() {
    source.bash(
        "holdfast cancel \"$(holdfast operations --running | awk '/ %s / {print $1}')\""
            .formatted(domain()));
  }

  void killQemu(KvmHost host) {
    host.bash("pkill -9 -f 'guest=%s,'".formatted(domain()));
  }

  /** What one host's transfer service and libvirtd send to the other is lost for so long. */
  void cutBetweenHosts(Duration length) throws InterruptedException {
    source
        .bash(
            """
            nft add table inet cut
            nft add chain inet cut in '{ type filter hook input priority -10; }'
            nft add chain inet cut out '{ type filter hook output priority -10; }'
            nft add rule inet cut in tcp sport '{ 16509, 16550, 49152-49215 }' drop
            nft add rule inet cut in tcp dport '{ 16509, 16550, 49152-49215 }' drop
            nft add rule inet cut out tcp sport '{ 16509, 16550, 49152-49215 }' drop
            nft add rule inet cut out tcp dport '{ 16509, 16550, 49152-49215 }' drop
            """)
        .orThrow();
    Thread.sleep(length.toMillis());
    source.bash("nft delete table inet cut").orThrow();
  }
}
