package io.netrng.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The layout of conventions.md and the arrows of design.md. */
class ArchitectureTest {

  private static final String HEALTH = "io.netrng.server.healthtest..";
  private static final String SOURCE = "io.netrng.server.source..";
  private static final String DISTRIBUTION = "io.netrng.server.distribution..";
  private static final String SESSION = "io.netrng.server.session..";
  private static final String SECURITY = "io.netrng.server.security..";
  private static final String OBSERVABILITY = "io.netrng.server.observability..";
  private static final String ADMIN = "io.netrng.server.admin..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // What Spring generates at build time lies beside ours from the second build on.
          .withImportOption(location -> !location.contains("__"))
          .importPackages("io.netrng.server");

  private static final Set<String> CLOCKS =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.time.Instant.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.OffsetDateTime.now");

  private static final Set<String> BLOCKING =
      Set.of(
          "java.lang.Thread.sleep",
          "java.util.concurrent.TimeUnit.sleep",
          "reactor.core.publisher.Mono.block",
          "reactor.core.publisher.Mono.blockOptional",
          "reactor.core.publisher.Flux.blockFirst",
          "reactor.core.publisher.Flux.blockLast");

  private static DescribedPredicate<JavaAccess<?>> accessTo(String what, Set<String> names) {
    return DescribedPredicate.describe(
        what,
        access ->
            names.contains(access.getTargetOwner().getName() + "." + access.getTarget().getName()));
  }

  @Test
  void theSourceKnowsNeitherWhoGetsItsSamplesNorWhoLooksIn() {
    noClasses()
        .that()
        .resideInAPackage(SOURCE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(DISTRIBUTION, SESSION, OBSERVABILITY)
        .check(CLASSES);
  }

  @Test
  void theDistributionKnowsOfAllRoomsOnlyTheSource() {
    noClasses()
        .that()
        .resideInAPackage(DISTRIBUTION)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SESSION, OBSERVABILITY)
        .check(CLASSES);
  }

  @Test
  void securityKnowsNoOtherRoom() {
    noClasses()
        .that()
        .resideInAPackage(SECURITY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SOURCE, DISTRIBUTION, SESSION, OBSERVABILITY)
        .check(CLASSES);
  }

  @Test
  void theDistributionIsPlainJava() {
    classes()
        .that()
        .resideInAPackage(DISTRIBUTION)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", DISTRIBUTION, SOURCE)
        .check(CLASSES);
  }

  @Test
  void theHealthTestsArePlainJavaAndKnowNoOtherRoom() {
    classes()
        .that()
        .resideInAPackage(HEALTH)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", HEALTH)
        .check(CLASSES);
  }

  @Test
  void theDistributionAndTheHealthTestsHaveNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(DISTRIBUTION, HEALTH)
        .should()
        .accessTargetWhere(accessTo("a clock is read", CLOCKS))
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.time..")
        .check(CLASSES);
  }

  @Test
  void nobodyLooksAtThoseWhoLookIn() {
    for (String room : List.of(OBSERVABILITY, ADMIN)) {
      noClasses()
          .that()
          .resideOutsideOfPackage(room)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(room)
          .check(CLASSES);
    }
  }

  @Test
  void theRoomsHaveNoCycles() {
    slices().matching("io.netrng.server.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nobodySleepsOrBlocks() {
    noClasses()
        .should()
        .accessTargetWhere(accessTo("a thread sleeps or blocks", BLOCKING))
        .check(CLASSES);
  }

  @Test
  void onlyTheSourceTouchesForeignMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackage(SOURCE)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  @Test
  void configurationsStayInTheirRooms() {
    noClasses().that().haveSimpleNameEndingWith("Configuration").should().bePublic().check(CLASSES);
  }
}
