package org.holdfast.lab.cli;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description = "Builds what is missing and starts two KVM hosts and a peer.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Runnable {
  @Mixin private LabName lab = new LabName();

  @Option(
      names = "--overlay",
      paramLabel = "DIR",
      description =
          "lay these files over the guest's root; executables in DIR/etc/holdfast-init.d are run"
              + " as services")
  private @Nullable Path overlay;

  @Option(
      names = "--include",
      paramLabel = "PKGS",
      split = ",",
      description = "install these Debian packages, separated by commas, in the guest")
  private List<String> include = List.of();

  @Option(
      names = "--without-product",
      description = "hosts with libvirt and QEMU only: to compare with, or to install by hand")
  private boolean withoutProduct;

  @Override
  public void run() {
    LabOptions options =
        LabOptions.named(lab.value)
            .withOverlay(overlay)
            .withInclude(include)
            .withProgress(System.err::println);
    Lab.start(withoutProduct ? options.withoutProduct() : options);
    System.out.println("lab " + lab.value + " is up: kvm1, kvm2, peer");
  }
}
