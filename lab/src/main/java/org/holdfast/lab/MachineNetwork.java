package org.holdfast.lab;

/** Gives a container of the lab its bridges and addresses. */
final class MachineNetwork {
  /**
   * Moves an interface's IPv4 address onto a bridge and adds the IPv6 address. The bridge keeps the
   * interface's MAC, else it would change with each VM that comes and goes.
   */
  private static final String BRIDGE =
      """
      set -e
      device=$1 bridge=$2 ipv6=$3
      address=$(ip -4 -o addr show dev "$device" | awk '{print $4; exit}')
      gateway=$(ip -4 route show default dev "$device" | awk '{print $3; exit}')
      sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
      sysctl -qw net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0
      ip link add "$bridge" address "$(cat "/sys/class/net/$device/address")" \
          type bridge stp_state 0 forward_delay 0 mcast_snooping 0
      ip addr flush dev "$device"
      ip link set "$device" master "$bridge"
      ip link set "$bridge" up
      ip addr add "$address" brd + dev "$bridge"
      ip -6 addr add "$ipv6/64" dev "$bridge" nodad
      if [ -n "$gateway" ]; then ip route replace default via "$gateway"; fi
      """;

  private static final String PLAIN =
      """
      set -e
      sysctl -qw net.ipv6.conf.all.disable_ipv6=0 "net.ipv6.conf.$1.disable_ipv6=0"
      sysctl -qw "net.ipv6.conf.$1.accept_ra=0"
      ip -6 addr add "$3/64" dev "$1" nodad
      """;

  private MachineNetwork() {}

  /**
   * Configures all interfaces: with bridges on a KVM host, without on the peer.
   *
   * @param number last part of its IPv6 addresses
   */
  static void configure(LabContainer machine, LabNetwork network, int number) {
    String script = machine instanceof KvmHost ? BRIDGE : PLAIN;
    for (int index = 0; index < network.segments().size(); index++) {
      machine
          .exec(
              "bash",
              "-c",
              script,
              "bash",
              "eth" + index,
              "br" + index,
              network.segments().get(index).ipv6(number))
          .orThrow();
    }
  }

  /** Adds lines to a machine's /etc/hosts, the only source of names in the lab. */
  static void addNames(LabContainer machine, String lines) {
    machine.exec("bash", "-c", "printf %s \"$1\" >> /etc/hosts", "bash", lines).orThrow();
  }
}
