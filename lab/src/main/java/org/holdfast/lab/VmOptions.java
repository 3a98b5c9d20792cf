package org.holdfast.lab;

import java.util.regex.Pattern;

/**
 * The VM to start.
 *
 * @param name libvirt's name of the domain: lower-case letters, digits and dashes, at most 20
 * @param memoryMebibytes guest memory, MiB; 256 to 8192
 * @param host name of the KVM host it starts on
 * @param interfaces how many network interfaces: 1 on the first network only, 2 on both
 * @param agentChannel whether it gets the virtio port of the guest agent
 * @param filter libvirt's name of the nwfilter of its interfaces; empty for none
 */
public record VmOptions(
    String name,
    int memoryMebibytes,
    String host,
    int interfaces,
    boolean agentChannel,
    String filter) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,19}");

  /** Checks each value. */
  public VmOptions {
    if (!NAME.matcher(name).matches()) {
      throw new LabException(
          "'"
              + name
              + "' cannot name a VM: use a letter, then letters, digits and dashes,"
              + " all lower-case, at most 20");
    }
    if (memoryMebibytes < 256 || memoryMebibytes > 8192) {
      throw new LabException("a VM of the lab has 256 to 8192 MiB, not " + memoryMebibytes);
    }
    if (interfaces < 1 || interfaces > LabNetwork.SEGMENTS) {
      throw new LabException(
          "a VM of the lab has 1 to " + LabNetwork.SEGMENTS + " interfaces, not " + interfaces);
    }
  }

  /** 640 MiB on kvm1, one interface, with the agent's port. */
  public static VmOptions named(String name) {
    return new VmOptions(name, 640, "kvm1", 1, true, "");
  }

  /** The same with another amount of memory, MiB. */
  public VmOptions withMemory(int mebibytes) {
    return new VmOptions(name, mebibytes, host, interfaces, agentChannel, filter);
  }

  /** The same on another host. */
  public VmOptions onHost(String hostName) {
    return new VmOptions(name, memoryMebibytes, hostName, interfaces, agentChannel, filter);
  }

  /** The same with another number of interfaces. */
  public VmOptions withInterfaces(int count) {
    return new VmOptions(name, memoryMebibytes, host, count, agentChannel, filter);
  }

  /** The same without the agent's port. */
  public VmOptions withoutAgentChannel() {
    return new VmOptions(name, memoryMebibytes, host, interfaces, false, filter);
  }

  /** The same with an nwfilter, which both hosts must have. */
  public VmOptions withFilter(String nwfilter) {
    return new VmOptions(name, memoryMebibytes, host, interfaces, agentChannel, nwfilter);
  }
}
