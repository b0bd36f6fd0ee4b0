// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes bytes of the stream or of a device to a file, for an assessment of the devices. */
@Command(
    name = "capture",
    description = {
      "Writes bytes of the stream to a new file that only its owner can read.",
      "No client receives these bytes. Delete them after the assessment."
    },
    mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {

  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "FILE", description = "The file to create.")
  private Path file = Path.of("");

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      defaultValue = "1MB",
      description = "From 1B to 64MB, or to 4MB of raw bytes (default ${DEFAULT-VALUE}).")
  private String size = "1MB";

  @Option(
      names = "--raw",
      description = "Captures the bytes of a device before conditioning, not the stream.")
  private boolean raw;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "",
      description = "The device of a raw capture, if there are several.")
  private String device = "";

  @Override
  public Integer call() throws CommandFailure {
    try (ServerApi api = server.api();
        OutputStream out = created()) {
      long bytes = download(api, out);
      server.out().printf("%d bytes written to %s%n", bytes, file).flush();
      return 0;
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure("%s exists: name a new file.".formatted(file), e);
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be written: %s".formatted(file, e.getClass().getSimpleName()), e);
    }
  }

  private long download(ServerApi api, OutputStream out) throws CommandFailure, IOException {
    try {
      String query =
          "?size=%s&of=%s&device=%s"
              .formatted(encoded(size), raw ? "raw" : "released", encoded(device));
      return api.download("/api/v1/captures" + query, out);
    } catch (CommandFailure e) {
      Files.delete(file);
      throw e;
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private OutputStream created() throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.newOutputStream(file, StandardOpenOption.WRITE);
  }
}
