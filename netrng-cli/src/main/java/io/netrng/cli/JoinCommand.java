// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Makes this machine a client: places the files, starts the service, and waits for entropy. */
@Command(
    name = "join",
    description = {
      "Configures the client on this machine with a file of 'netrng add-client', starts it, and",
      "waits until entropy has reached the kernel."
    },
    mixinStandardHelpOptions = true)
final class JoinCommand implements Callable<Integer> {

  private static final String BUNDLE = "spring.ssl.bundle.pem.netrng.";
  private static final String UNIT = "netrng-client";
  private static final int PORT = 8081;
  private static final long INTERVAL_MILLIS = 500;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The file that 'netrng add-client' wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "2m",
      converter = Quantity.TimeConverter.class,
      description = "How long to wait for entropy, such as 5m (default ${DEFAULT-VALUE}).")
  private Duration patience = Duration.ofMinutes(2);

  @Mixin private ConfigDirectory directory = new ConfigDirectory();

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    ClientFile client = read();
    try {
      place(client);
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be changed (%s: %s): run this as root, after the installation of netrng-client."
              .formatted(directory.path(), e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
    spec.commandLine()
        .getOut()
        .printf("%s is configured in %s.%n", client.name(), directory.path())
        .flush();
    if (!Programs.systemctl("enable", UNIT)) {
      spec.commandLine().getOut().println("There is no systemd here: start the client yourself.");
      spec.commandLine().getOut().flush();
      return 0;
    }
    Programs.systemctl("restart", UNIT);
    awaitEntropy();
    return 0;
  }

  private ClientFile read() throws CommandFailure {
    try {
      return ClientFile.parse(Files.readString(file));
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be read: %s".formatted(file, e.getClass().getSimpleName()), e);
    }
  }

  private void place(ClientFile client) throws IOException {
    InstalledFiles.publish(directory.resolve("ca.crt"), client.authority());
    InstalledFiles.publish(directory.resolve("client.crt"), client.certificate());
    InstalledFiles.restrict(directory.resolve("client.key"), client.key(), UNIT);
    PropertiesFile properties = new PropertiesFile(directory.resolve("client.properties"));
    client.properties().forEach(properties::set);
    String files = "file:" + directory.path() + "/";
    properties.set(BUNDLE + "keystore.certificate", files + "client.crt");
    properties.set(BUNDLE + "keystore.private-key", files + "client.key");
    properties.set(BUNDLE + "keystore.verify-keys", "true");
    properties.set(BUNDLE + "truststore.certificate", files + "ca.crt");
    properties.set(BUNDLE + "reload-on-update", "true");
    properties.write();
  }

  private void awaitEntropy() throws CommandFailure, InterruptedException {
    String url = new Settings(directory.resolve("client.properties")).url(PORT);
    long end = System.nanoTime() + patience.toNanos();
    AppHealth health = AppHealth.of(StatusCommand.App.CLIENT, url);
    while (health.level() != AppHealth.Level.OK) {
      if (System.nanoTime() > end) {
        throw new CommandFailure(
            "No entropy has reached the kernel within %s: %s. 'journalctl --unit %s' has the log."
                .formatted(patience, health.line(), UNIT));
      }
      Thread.sleep(INTERVAL_MILLIS);
      health = AppHealth.of(StatusCommand.App.CLIENT, url);
    }
    JsonNode components = health.json().path("components");
    spec.commandLine()
        .getOut()
        .printf(
            "Admitted by %s. Entropy has reached the kernel: %s.%n",
            components.path("stream").path("details").path("server").asString(""),
            Quantity.bytes(
                components.path("kernel").path("details").path("consumedBytes").asDouble()))
        .flush();
  }
}
