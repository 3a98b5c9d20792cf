package org.holdfast.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A TCP connection is a value that any module may use; only this package calls the kernel. */
class KernelCallsStayHomeTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.holdfast.tcp", "org.holdfast.linux");

  @Test
  void valuesKnowNothingOfTheKernel() {
    noClasses()
        .that()
        .resideInAPackage("org.holdfast.tcp..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "org.holdfast.linux..")
        .check(CLASSES);
  }

  @Test
  void signaturesShowNothingOfJna() {
    com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should()
        .haveRawReturnType(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("com.sun.jna.."))
        .check(CLASSES);
  }
}
