package org.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know what, in this module. */
final class JnaStaysHomeTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.holdfast");

  @Test
  void onlyBindingsKnowJna() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.holdfast.libvirt.binding..", "org.holdfast.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(classes);
  }

  @Test
  void libvirtAndChannelKnowNothingOfWhatIsBuiltOnThem() {
    noClasses()
        .that()
        .resideInAnyPackage("org.holdfast.libvirt..", "org.holdfast.channel..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.holdfast.takeover..", "org.holdfast.linux..")
        .check(classes);
  }
}
