package org.holdfast.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** Native calls have one home, and the agent's parts do not reach around each other. */
class JnaStaysHomeTest {
  private final JavaClasses classes =
      new ClassFileImporter().importPackages("org.holdfast.agent", "org.holdfast.linux");

  @Test
  void onlyTheLinuxPackageUsesJna() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.holdfast.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(classes);
  }

  @Test
  void whatFindsAndFreezesKnowsNothingOfTheSession() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "..agent.netlink..", "..agent.discovery..", "..agent.freeze..", "..agent.channel..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..agent.session..", "..agent.rehearsal..")
        .check(classes);
  }
}
