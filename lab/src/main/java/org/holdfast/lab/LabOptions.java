package org.holdfast.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What kind of lab to start.
 *
 * @param name of the lab: lower-case letters, digits and dashes, at most 20
 * @param overlay directory whose files are laid over the guest's root, if any
 * @param include Debian packages the guest gets in addition
 * @param provision whether the product is installed in the hosts by the ansible roles
 * @param progress receives a line of text for each long step
 */
public record LabOptions(
    String name,
    @Nullable Path overlay,
    List<String> include,
    boolean provision,
    Consumer<String> progress) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,19}");

  /** Checks the name. */
  public LabOptions {
    checkName(name);
    include = List.copyOf(include);
  }

  /** A lab with the product installed and nothing added to the guest; progress goes nowhere. */
  public static LabOptions named(String name) {
    return new LabOptions(name, null, List.of(), true, line -> {});
  }

  /** The same with files laid over the guest's root. */
  public LabOptions withOverlay(@Nullable Path directory) {
    return new LabOptions(name, directory, include, provision, progress);
  }

  /** The same with more Debian packages in the guest. */
  public LabOptions withInclude(List<String> packages) {
    return new LabOptions(name, overlay, packages, provision, progress);
  }

  /** The same, with hosts that have libvirt and QEMU but not the product. */
  public LabOptions withoutProduct() {
    return new LabOptions(name, overlay, include, false, progress);
  }

  /** The same, telling of its long steps. */
  public LabOptions withProgress(Consumer<String> listener) {
    return new LabOptions(name, overlay, include, provision, listener);
  }

  /**
   * Checks a lab's name.
   *
   * @throws LabException if it is not one
   */
  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new LabException(
          "'"
              + name
              + "' cannot name a lab: use a letter, then letters, digits and dashes,"
              + " all lower-case, at most 20");
    }
  }
}
