package org.holdfast.lab;

/** The libvirt domain of a VM of the lab. */
final class DomainXml {
  /** A model both accelerators offer on any x86 machine, so that every VM can go to every host. */
  private static final String CPU_MODEL = "qemu64";

  private DomainXml() {}

  /** Where a VM's serial console is logged on its host. */
  static String consoleLog(String vm) {
    return "/var/log/libvirt/qemu/" + vm + "-console.log";
  }

  /**
   * Writes the domain.
   *
   * @param accelerator {@code kvm} or {@code qemu}
   * @param image what it boots from
   * @param options what the caller asked for
   * @param vm its addresses
   */
  static String of(String accelerator, GuestImage image, VmOptions options, LabState.VmRecord vm) {
    return """
        <domain type='%s'>
          <name>%s</name>
          <memory unit='MiB'>%d</memory>
          <vcpu>1</vcpu>
          <os>
            <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
            <kernel>%s</kernel>
            <initrd>%s</initrd>
            <cmdline>%s</cmdline>
          </os>
          <features><acpi/></features>
          <cpu mode='custom' match='exact'><model fallback='forbid'>%s</model></cpu>
          <on_reboot>restart</on_reboot>
          <on_crash>destroy</on_crash>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
        %s%s%s%s    <serial type='pty'><log file='%s' append='on'/><target port='0'/></serial>
            <console type='pty'><target type='serial' port='0'/></console>
            <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
            <memballoon model='none'/>
          </devices>
        </domain>
        """
        .formatted(
            accelerator,
            options.name(),
            options.memoryMebibytes(),
            image.kernel(),
            image.initramfs(),
            commandLine(options, vm),
            CPU_MODEL,
            disk(image.base(), "vda"),
            disk(image.layer(), "vdb"),
            interfaces(vm),
            options.agentChannel() ? channel() : "",
            consoleLog(options.name()));
  }

  /** The words /sbin/holdfast-init of the guest image reads. */
  private static String commandLine(VmOptions options, LabState.VmRecord vm) {
    StringBuilder words =
        new StringBuilder("console=ttyS0 quiet panic=-1 hostname=").append(options.name());
    for (int index = 0; index < vm.interfaces().size(); index++) {
      VmInterface on = vm.interfaces().get(index);
      String device = " eth" + index + ".";
      words.append(device).append("ip4=").append(on.ipv4()).append('/');
      words.append(on.ipv4PrefixLength());
      words.append(device).append("ip6=").append(on.ipv6()).append("/64");
      if (index == 0) {
        words.append(device).append("gw4=").append(on.ipv4Gateway());
      }
    }
    return words.toString();
  }

  private static String disk(String file, String device) {
    return """
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw' cache='none'/>
              <source file='%s'/><target dev='%s' bus='virtio'/><readonly/><shareable/>
            </disk>
        """
        .formatted(file, device);
  }

  private static String interfaces(LabState.VmRecord vm) {
    StringBuilder text = new StringBuilder();
    for (VmInterface on : vm.interfaces()) {
      text.append(
          """
              <interface type='bridge'>
                <mac address='%s'/><source bridge='%s'/><model type='virtio'/>
              </interface>
          """
              .formatted(on.mac(), on.bridge()));
    }
    return text.toString();
  }

  private static String channel() {
    return """
            <channel type='unix'><target type='virtio' name='org.holdfast.guest.0'/></channel>
        """;
  }
}
