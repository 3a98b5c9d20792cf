package org.holdfast.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gets the guest image and the KVM-host image from qemu-images/build, which caches them. */
final class ImageBuilder {
  private static final String AGENT_PACKAGE =
      "guest-agent/target/holdfast-guest-agent_0.1.0_amd64.deb";

  private final Map<String, String> results = new HashMap<>();

  private ImageBuilder(String output) {
    for (String line : output.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        results.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
  }

  /** Builds what is missing; about two minutes on an empty cache, a second on a full one. */
  static ImageBuilder build(LabOptions options) {
    Path home = ProjectHome.find();
    List<String> command = new ArrayList<>();
    command.add(home.resolve("qemu-images/build").toString());
    Path agent = home.resolve(AGENT_PACKAGE);
    if (Files.exists(agent)) {
      command.addAll(List.of("--agent-deb", agent.toString()));
    } else if (options.provision()) {
      throw new LabException("the agent's package is missing: " + agent + "; run mvn package");
    }
    if (!options.include().isEmpty()) {
      command.addAll(List.of("--include", String.join(",", options.include())));
    }
    Path overlay = options.overlay();
    if (overlay != null) {
      command.addAll(List.of("--overlay", overlay.toAbsolutePath().toString()));
    }
    return new ImageBuilder(LocalCommand.run(home, Map.of(), command, options.progress()));
  }

  GuestImage guest() {
    return new GuestImage(
        result("KERNEL"),
        result("INITRD"),
        result("ROOT_IMAGE"),
        result("LAYER_IMAGE"),
        result("SSH_KEY"));
  }

  String hostImage() {
    return result("HOST_IMAGE");
  }

  private String result(String key) {
    String value = results.get(key);
    if (value == null) {
      throw new LabException("qemu-images/build printed no " + key);
    }
    return value;
  }
}
