package org.holdfast.lab;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes KVM hosts of containers by the same ansible roles that make them of real machines. Each lab
 * has a certificate authority of its own, in its state directory.
 */
final class Provisioning {
  private static final String PACKAGE = "migration-manager/target/holdfast_0.1.0_amd64.deb";
  private static final Pattern CHANGED = Pattern.compile("changed=(\\d+)");

  private final Lab lab;
  private final Path home = ProjectHome.find();
  private final Path inventory;

  Provisioning(Lab lab) {
    this.lab = lab;
    this.inventory = LabState.directory(lab.name()).resolve("inventory.yml");
  }

  /** Writes the inventory: ansible reads JSON as the YAML it is. */
  void writeInventory(boolean withProduct) {
    Map<String, Object> hosts = new LinkedHashMap<>();
    for (KvmHost host : lab.hosts()) {
      hosts.put(
          host.name(),
          Map.of(
              "ansible_host",
              host.containerId(),
              "holdfast_host_more_addresses",
              lab.addresses(host)));
    }
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("holdfast_host_package", withProduct ? productPackage() : "");
    variables.put(
        "holdfast_host_certificate_directory", inventory.resolveSibling("certificates").toString());
    Map<String, Object> lines =
        Map.of(
            "holdfast_hosts",
            Map.of("children", Map.of("holdfast_lab", Map.of("hosts", hosts, "vars", variables))));
    try {
      Files.writeString(inventory, new GsonBuilder().setPrettyPrinting().create().toJson(lines));
    } catch (IOException e) {
      throw new LabException("cannot write " + inventory, e);
    }
  }

  private String productPackage() {
    Path built = home.resolve(PACKAGE);
    if (!Files.exists(built)) {
      throw new LabException("the product's package is missing: " + built + "; run mvn package");
    }
    return built.toString();
  }

  /**
   * Runs a playbook of the project against the lab's hosts.
   *
   * @param playbook its file name, such as {@code site.yml}
   * @param words more for ansible-playbook
   * @return what it printed
   * @throws LabException with what it printed, if a task failed
   */
  String play(String playbook, List<String> words) {
    Path ansible = home.resolve("ansible");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("ansible-playbook", "-i", inventory.toString()));
    command.add(ansible.resolve(playbook).toString());
    command.addAll(words);
    Path temporary = inventory.resolveSibling("ansible");
    return LocalCommand.run(
        ansible,
        Map.of(
            "ANSIBLE_CONFIG", ansible.resolve("ansible.cfg").toString(),
            "ANSIBLE_LOCAL_TEMP", temporary.toString(),
            "ANSIBLE_REMOTE_TMP", temporary.toString(),
            "ANSIBLE_HOME", temporary.toString()),
        command,
        // Its warnings are for those who write playbooks; errors come with the exception.
        line -> {});
  }

  /** How many tasks changed something, by the recap a playbook prints at its end. */
  static int changes(String output) {
    int changes = 0;
    for (Matcher host = CHANGED.matcher(output); host.find(); ) {
      changes += Integer.parseInt(host.group(1));
    }
    return changes;
  }
}
