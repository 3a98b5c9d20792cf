package org.holdfast.lab.workload;

import java.time.Duration;
import java.util.List;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;

/**
 * A VM of the lab and the lab's peer.
 *
 * @param lab which is up
 * @param vm which answers by ssh
 */
record LabSite(Lab lab, VirtualMachine vm) implements LoadSite {
  @Override
  public String ipv4() {
    return vm.ipv4();
  }

  @Override
  public String ipv6() {
    return vm.ipv6();
  }

  @Override
  public List<String> sshCommand() {
    return lab.sshCommand(vm);
  }

  @Override
  public String directory() {
    return "/run/holdfast-load-" + vm.name();
  }

  @Override
  public boolean isGuestOfLab() {
    return true;
  }

  @Override
  public CommandResult peer(Duration bound, String script) {
    return lab.peer().exec(bound, List.of("sh", "-c", script));
  }

  @Override
  public CommandResult guest(Duration bound, String script) {
    return vm.exec(bound, script);
  }
}
