package org.holdfast.lab.cli;

import picocli.CommandLine.Option;

/** The option that names a lab. */
final class LabName {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "which lab, when several are up (default: ${DEFAULT-VALUE})",
      defaultValue = "lab")
  String value = "lab";
}
