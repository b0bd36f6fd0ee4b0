// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a client a certificate, and writes all that it needs into one file. */
@Command(
    name = "add-client",
    description = {
      "Creates a certificate for a client, and writes the one file that 'netrng join' needs there.",
      "The first time it also creates the certificate authority and the server's certificate, and",
      "makes the server use TLS. For a name that exists, it renews the certificate. It also renews",
      "the server's certificate if that expires within 90 days, or if --server is given."
    },
    mixinStandardHelpOptions = true)
final class AddClientCommand implements Callable<Integer> {

  private static final String BUNDLE = "netrng.server.tls.bundle";
  private static final String GROUP = "netrng-server";
  private static final Duration RENEWED_BEFORE = Duration.ofDays(90);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The client's name: 1 to 64 of A-Z a-z 0-9 . _ -")
  private String name = "";

  @Option(
      names = "--server",
      paramLabel = "HOST,...",
      split = ",",
      description =
          "Names and addresses of this server, the one that clients use first (default: its addresses and name).")
  private List<String> hosts = List.of();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file to write (default: NAME.netrng).")
  private @Nullable Path out;

  @Mixin private ConfigDirectory directory = new ConfigDirectory();

  @Override
  public Integer call() throws CommandFailure {
    Path authority = directory.resolve("authority");
    Path certificate = authority.resolve("server.crt");
    // A new authority would replace the one that the clients trust.
    if (Files.exists(directory.resolve("server.crt"))
        && !Files.exists(authority.resolve("ca.key"))) {
      throw new CommandFailure(
          "%s is missing: restore the authority's key, or replace the authority (docs/tls.md)."
              .formatted(authority.resolve("ca.key")));
    }
    try {
      String names = hosts.isEmpty() ? namesToCertify(certificate) : String.join(" ", hosts);
      Programs.run(List.of(Installation.certs().toString(), authority.toString(), names, name));
      if (!names.isEmpty()) {
        installServer(authority);
      }
      allow();
      Path file = Optional.ofNullable(out).orElse(Path.of(name + ".netrng"));
      InstalledFiles.restrict(file, clientFile(authority).text(), "root");
      warnOfAuthority(authority);
      spec.commandLine()
          .getOut()
          .printf(
              "%s has what %s needs. Copy it there, run 'netrng join %s', and delete both copies.%n",
              file, name, file.getFileName())
          .flush();
      return 0;
    } catch (IOException e) {
      throw new CommandFailure(
          "%s cannot be changed (%s: %s): run this as root."
              .formatted(directory.path(), e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
  }

  /** Returns the names for a new certificate of the server; empty if it keeps the one it has. */
  private static String namesToCertify(Path certificate) throws IOException, CommandFailure {
    if (!Files.exists(certificate)) {
      return ownNames();
    }
    Certificate server = Certificate.read(certificate);
    // While a new authority replaces the old one, not all clients trust the new one yet.
    boolean isTrusted = server.isIssuedBy(Certificate.read(certificate.resolveSibling("ca.crt")));
    return isTrusted && server.expiresWithin(RENEWED_BEFORE) ? server.names() : "";
  }

  /** Warns if the authority expires before the certificate that it has just signed. */
  private void warnOfAuthority(Path authority) throws IOException, CommandFailure {
    Instant expiry = Certificate.read(authority.resolve("ca.crt")).expiry();
    if (expiry.isBefore(Certificate.read(authority.resolve(name + ".crt")).expiry())) {
      spec.commandLine()
          .getErr()
          .printf(
              "The certificate authority expires on %s, before this certificate: replace it (docs/tls.md).%n",
              LocalDate.ofInstant(expiry, ZoneOffset.UTC))
          .flush();
    }
  }

  /** Returns the addresses of this machine, and its name. */
  private static String ownNames() throws IOException {
    String addresses =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
            .sorted(Comparator.comparing(address -> !(address instanceof Inet4Address)))
            .map(InetAddress::getHostAddress)
            .map(address -> address.replaceFirst("%.*", ""))
            .collect(Collectors.joining(" "));
    return (addresses + " " + InetAddress.getLocalHost().getHostName()).strip();
  }

  private void installServer(Path authority) throws IOException, CommandFailure {
    for (String file : List.of("ca.crt", "server.crt")) {
      InstalledFiles.publish(directory.resolve(file), Files.readString(authority.resolve(file)));
    }
    InstalledFiles.restrict(
        directory.resolve("server.key"), Files.readString(authority.resolve("server.key")), GROUP);
    PropertiesFile properties = new PropertiesFile(directory.resolve("server.properties"));
    boolean hasTls = properties.get(BUNDLE).isPresent();
    if (!hasTls) {
      Map<String, String> needed =
          entries(Files.readString(authority.resolve("server.properties")));
      needed.forEach((key, value) ->
          properties.set(key, value.replace(authority + "/", directory.path() + "/")));
      properties.write();
      Programs.systemctl("try-restart", "netrng-server");
    }
  }

  /** Lets a client back that was removed before. */
  private void allow() throws IOException, CommandFailure {
    PropertiesFile properties = new PropertiesFile(directory.resolve("server.properties"));
    if (new DeniedNames(properties).remove(name)) {
      properties.write();
      Programs.reloadServer();
    }
  }

  private ClientFile clientFile(Path authority) throws IOException {
    Map<String, String> properties =
        entries(Files.readString(authority.resolve(name + ".properties")));
    properties.keySet().removeIf(key -> key.startsWith("spring.ssl.bundle."));
    return new ClientFile(
        name,
        properties,
        Files.readString(authority.resolve(name + ".crt")),
        Files.readString(authority.resolve(name + ".key")),
        Files.readString(authority.resolve("ca.crt")));
  }

  private static Map<String, String> entries(String text) {
    Map<String, String> entries = new LinkedHashMap<>();
    Arrays.stream(text.split("\n", -1))
        .filter(line -> line.contains("=") && !line.startsWith("#"))
        .forEach(line ->
            entries.put(
                line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return entries;
  }
}
