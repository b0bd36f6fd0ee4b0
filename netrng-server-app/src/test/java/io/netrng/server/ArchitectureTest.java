// SPDX-License-Identifier: Apache-2.0
package io.netrng.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;

/** The packages of conventions.md and their permitted dependencies of design.md. */
class ArchitectureTest {

  private static final String HEALTH = "io.netrng.server.healthtest..";
  private static final String CONDITIONING = "io.netrng.server.conditioning..";
  private static final String SOURCE = "io.netrng.server.source..";
  private static final String DISTRIBUTION = "io.netrng.server.distribution..";
  private static final String SESSION = "io.netrng.server.session..";
  private static final String SECURITY = "io.netrng.server.security..";
  private static final String OBSERVABILITY = "io.netrng.server.observability..";
  private static final String ADMIN = "io.netrng.server.admin..";
  private static final String ENTROPY_API = "io.netrng.server.entropyapi..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // Excludes classes that Spring generates at build time. From the second build on, they
          // are in the same folder.
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
          "java.lang.Thread.join",
          "java.util.concurrent.Future.get",
          "java.util.concurrent.CompletableFuture.get",
          "java.util.concurrent.CompletableFuture.join",
          "io.netty.util.concurrent.Future.awaitUninterruptibly",
          "io.netty.channel.ChannelFuture.awaitUninterruptibly",
          "io.netty.util.concurrent.Future.syncUninterruptibly",
          "io.netty.channel.ChannelFuture.syncUninterruptibly",
          "reactor.netty.tcp.TcpServer.bindNow",
          "reactor.netty.transport.ServerTransport.bindNow",
          "reactor.netty.DisposableServer.disposeNow",
          "java.util.concurrent.TimeUnit.sleep",
          "reactor.core.publisher.Mono.block",
          "reactor.core.publisher.Mono.blockOptional",
          "reactor.core.publisher.Flux.blockFirst",
          "reactor.core.publisher.Flux.blockLast");

  /** Spring starts the listeners on its own thread and must know whether the start succeeded. */
  private static final String LISTENER_START = "io.netrng.server.session.TcpListeners.bind(";

  private static DescribedPredicate<JavaAccess<?>> accessTo(String what, Set<String> names) {
    return DescribedPredicate.describe(
        what,
        access ->
            names.contains(access.getTargetOwner().getName() + "." + access.getTarget().getName())
                && !access.getOrigin().getFullName().startsWith(LISTENER_START));
  }

  @Test
  void theSourceDoesNotDependOnDistributionSessionOrObservability() {
    noClasses()
        .that()
        .resideInAPackage(SOURCE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(DISTRIBUTION, SESSION, OBSERVABILITY)
        .check(CLASSES);
  }

  @Test
  void securityDoesNotDependOnSourceDistributionSessionOrObservability() {
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
        .resideInAnyPackage("java..", "org.jspecify..", "io.netrng.rate..", DISTRIBUTION, SOURCE)
        .check(CLASSES);
  }

  @Test
  void theHealthTestsArePlainJavaAndDependOnNoOtherPackage() {
    classes()
        .that()
        .resideInAPackage(HEALTH)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", "io.netrng.naming..", HEALTH)
        .check(CLASSES);
  }

  @Test
  void theConditioningIsPlainJavaAndDependsOnNoOtherPackage() {
    classes()
        .that()
        .resideInAPackage(CONDITIONING)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.jspecify..", CONDITIONING)
        .check(CLASSES);
  }

  @Test
  void onlyTheSourceAndTheSeedsOfTheApiDependOnTheConditioning() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SOURCE, CONDITIONING, ENTROPY_API)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(CONDITIONING)
        .check(CLASSES);
  }

  @Test
  void theDistributionTheHealthTestsAndTheConditioningReadNoClock() {
    noClasses()
        .that()
        .resideInAnyPackage(DISTRIBUTION, HEALTH, CONDITIONING)
        .should()
        .accessTargetWhere(accessTo("a clock is read", CLOCKS))
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.time..")
        .check(CLASSES);
  }

  @Test
  void noPackageDependsOnObservabilityOrAdministration() {
    for (String top : List.of(OBSERVABILITY, ADMIN)) {
      noClasses()
          .that()
          .resideOutsideOfPackage(top)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(top)
          .check(CLASSES);
    }
  }

  /** An injected bean is a dependency on the package that creates it. */
  @Test
  void noPackageInjectsABeanOfObservabilityOrAdministration() {
    Set<JavaClass> made =
        beanMethods(PackageMatcher.of(OBSERVABILITY), PackageMatcher.of(ADMIN))
            .map(JavaMethod::getRawReturnType)
            .collect(Collectors.toSet());
    assertThat(made).isNotEmpty();

    assertThat(
            CLASSES.stream()
                .filter(c -> !isIn(c, PackageMatcher.of(OBSERVABILITY), PackageMatcher.of(ADMIN)))
                .flatMap(c -> c.getCodeUnits().stream())
                .filter(unit -> !Collections.disjoint(unit.getRawParameterTypes(), made)))
        .isEmpty();
  }

  private static Stream<JavaMethod> beanMethods(PackageMatcher... packages) {
    return CLASSES.stream()
        .filter(c -> isIn(c, packages))
        .flatMap(c -> c.getMethods().stream())
        .filter(method -> method.isAnnotatedWith(Bean.class));
  }

  private static boolean isIn(JavaClass type, PackageMatcher... packages) {
    return Arrays.stream(packages).anyMatch(p -> p.matches(type.getPackageName()));
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.netrng.server.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void noClassSleepsOrBlocks() {
    noClasses()
        .should()
        .accessTargetWhere(accessTo("a thread sleeps or blocks", BLOCKING))
        .check(CLASSES);
  }

  @Test
  void onlyTheSourceAndTheConditioningUseForeignMemory() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SOURCE, CONDITIONING)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }

  @Test
  void configurationClassesAreNotPublic() {
    noClasses().that().haveSimpleNameEndingWith("Configuration").should().bePublic().check(CLASSES);
  }
}
