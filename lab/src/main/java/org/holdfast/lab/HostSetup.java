package org.holdfast.lab;

/** Makes KVM hosts of the containers, by the ansible roles. */
final class HostSetup {
  private static final String LIBVIRTD =
      """
      set -e
      uuid=$(cat /proc/sys/kernel/random/uuid)
      printf '%s\\n' 'listen_tls=0' 'listen_tcp=1' 'auth_tcp="none"' "host_uuid=\\"$uuid\\"" \
          >> /etc/libvirt/libvirtd.conf
      printf '%s\\n' 'user="root"' 'group="root"' 'security_driver="none"' 'namespaces=[]' \
          'stdio_handler="file"' 'remember_owner=0' 'cgroup_controllers=[]' >> /etc/libvirt/qemu.conf
      libvirtd -d --listen
      """;

  private HostSetup() {}

  static void provision(Lab lab, LabOptions options) {
    options.progress().accept("lab " + options.name() + ": starting libvirtd");
    lab.hosts().forEach(host -> host.bash(LIBVIRTD).orThrow());
  }
}
