// SPDX-License-Identifier: Apache-2.0
package io.netrng.client;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.netrng.client",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.OursAlone.class})
class ArchitectureTest {

  /**
   * Excludes classes that Spring generates at build time. From the second build on, they are in the
   * same folder.
   */
  static final class OursAlone implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("__");
    }
  }

  @ArchTest
  static final ArchRule FEATURES_HAVE_NO_CYCLES =
      slices().matching("io.netrng.client.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule OBSERVABILITY_IS_LOOKED_AT_BY_NOBODY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.netrng.client.observability..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netrng.client.observability..");

  @ArchTest
  static final ArchRule SINKS_DO_NOT_DEPEND_ON_THE_STREAM =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.netrng.client.sink..", "io.netrng.client.rngd..", "io.netrng.client.kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netrng.client.stream..", "io.netrng.protocol..", "io.netty.channel..");

  @ArchTest
  static final ArchRule THE_STREAM_DOES_NOT_DEPEND_ON_A_PARTICULAR_SINK =
      noClasses()
          .that()
          .resideInAPackage("io.netrng.client.stream..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netrng.client.rngd..", "io.netrng.client.kernel..");

  @ArchTest
  static final ArchRule ONLY_THE_SINK_KERNEL_USES_FOREIGN_MEMORY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.netrng.client.kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule NOBODY_SLEEPS =
      noClasses()
          .should()
          .callMethodWhere(
              target(HasOwner.Predicates.With.<JavaClass>owner(equivalentTo(Thread.class)))
                  .and(target(name("sleep"))));

  @ArchTest
  static final ArchRule NOBODY_BLOCKS_A_REACTIVE_THREAD =
      noClasses().should().callMethodWhere(target(nameMatching("block(First|Last|Optional)?")));
}
