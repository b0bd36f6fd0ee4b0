// SPDX-License-Identifier: Apache-2.0
package io.netrng;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.netrng");

  @Test
  void protocolTlsNetAndUnitPackagesDoNotDependOnSpringOrReactor() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.netrng.protocol..", "io.netrng.tls..", "io.netrng.net..", "io.netrng.unit..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.springframework..", "reactor..")
        .check(CLASSES);
  }

  @Test
  void unitAndRatePackagesDependOnlyOnJavaAndJspecify() {
    noClasses()
        .that()
        .resideInAnyPackage("io.netrng.unit..", "io.netrng.rate..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("java..", "io.netrng.unit..", "io.netrng.rate..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void thePosixPackageIsPlainJavaAndDependsOnNoOtherPackage() {
    classes()
        .that()
        .resideInAPackage("io.netrng.posix..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", "io.netrng.posix..")
        .check(CLASSES);
  }

  @Test
  void noClassDependsOnTheServerOrTheClient() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netrng.server..", "io.netrng.client..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoDependencyCycles() {
    slices().matching("io.netrng.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void noClassSleeps() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(CLASSES);
  }

  @Test
  void onlyThePosixPackageUsesTheForeignFunctionApi() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.netrng.posix..", "io.netrng.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }
}
