package org.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the parts of this module may know of each other. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(
              "org.holdfast.access",
              "org.holdfast.api",
              "org.holdfast.command",
              "org.holdfast.configuration",
              "org.holdfast.daemon",
              "org.holdfast.migration",
              "org.holdfast.transport");

  @Test
  void kernelCallsHaveTheirHomeElsewhere() {
    noClasses().should().dependOnClassesThat().resideInAPackage("com.sun.jna..").check(CLASSES);
  }

  @Test
  void theCommandIsAClientLikeAnyOther() {
    noClasses()
        .that()
        .resideInAPackage("org.holdfast.command..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.holdfast.migration..", "org.holdfast.daemon..")
        .check(CLASSES);
  }

  @Test
  void theServicesKnowTheEngineOnlyByItsInterface() {
    noClasses()
        .that()
        .resideInAPackage("org.holdfast.api..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.holdfast.migration..", "org.holdfast.daemon..", "org.holdfast.command..")
        .check(CLASSES);
  }

  @Test
  void theDaemonLeavesLibvirtToTheEngine() {
    noClasses()
        .that()
        .resideInAnyPackage("org.holdfast.daemon..", "org.holdfast.api..", "org.holdfast.command..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.libvirt..", "org.holdfast.libvirt..", "org.holdfast.takeover..")
        .check(CLASSES);
  }
}
