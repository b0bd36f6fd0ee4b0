// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the version of the command. */
@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    spec.commandLine().getOut().println(new Version().getVersion()[0]);
    return 0;
  }
}
