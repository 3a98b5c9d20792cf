package org.holdfast.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** The libvirt domain of a VM of the lab, from the templates beside the guest image's builder. */
final class DomainXml {
  private static final String TEMPLATES = "qemu-images";

  private DomainXml() {}

  /** Where a VM's serial console is logged on its host. */
  static String consoleLog(String vm) {
    return "/var/log/libvirt/qemu/" + vm + "-console.log";
  }

  /**
   * Writes the domain.
   *
   * @param state of the lab, with the accelerator and the image
   * @param options what the caller asked for
   * @param vm its addresses
   */
  static String of(LabState state, VmOptions options, LabState.VmRecord vm) {
    GuestImage image = state.guest();
    StringBuilder interfaces = new StringBuilder();
    for (VmInterface on : vm.interfaces()) {
      interfaces.append(
          fill(
              "interface.xml.in",
              Map.of("MAC", on.mac(), "BRIDGE", on.bridge(), "FILTER", filter(options.filter()))));
    }
    return fill(
        "domain.xml.in",
        Map.ofEntries(
            Map.entry("NAME", options.name()),
            Map.entry("UUID", UUID.randomUUID().toString()),
            Map.entry("DOMAIN_TYPE", state.accelerator()),
            Map.entry("MEMORY", Integer.toString(options.memoryMebibytes())),
            Map.entry("KERNEL", image.kernel()),
            Map.entry("INITRD", image.initramfs()),
            Map.entry("ROOT_IMAGE", image.base()),
            Map.entry("LAYER_IMAGE", image.layer()),
            Map.entry("NETWORK_WORDS", networkWords(options, vm)),
            Map.entry("INTERFACES", interfaces.toString()),
            Map.entry("CHANNEL", options.agentChannel() ? fill("channel.xml.in", Map.of()) : ""),
            Map.entry("CONSOLE_LOG", consoleLog(options.name()))));
  }

  /** The words /sbin/holdfast-init of the guest image reads. */
  private static String networkWords(VmOptions options, LabState.VmRecord vm) {
    StringBuilder words = new StringBuilder("hostname=").append(options.name());
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

  private static String filter(String name) {
    return name.isEmpty() ? "" : "<filterref filter='%s'/>".formatted(name);
  }

  private static String fill(String template, Map<String, String> words) {
    Path file = ProjectHome.find().resolve(TEMPLATES).resolve(template);
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new LabException("cannot read " + file, e);
    }
    for (Map.Entry<String, String> word : words.entrySet()) {
      text = text.replace("@" + word.getKey() + "@", word.getValue());
    }
    return text;
  }
}
