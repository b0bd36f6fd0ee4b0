// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.security.Identity;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of clients, by their digests: a directory with a file for each client, as a mounted
 * Secret of Kubernetes has them. Any thread may ask for a token.
 */
final class Tokens {

  private static final Logger log = LoggerFactory.getLogger(Tokens.class);

  static final String PROPERTY = EntropyApiProperties.PREFIX + "token-directory";

  private static final int LEAST_LENGTH = 16;
  private static final int MOST_LENGTH = 1_024;

  private final Path directory;
  private volatile Map<String, String> identities = Map.of();

  private Tokens(Path directory) {
    this.directory = directory;
  }

  /** A file that is no token of a client. */
  private static final class BadToken extends Exception {

    private static final long serialVersionUID = 1;

    private BadToken(String reason) {
      super(reason, null, false, false);
    }
  }

  /**
   * Reads the tokens.
   *
   * @throws StartupException if the directory or one of its files cannot be read, or a file has no
   *     valid name or token
   */
  static Tokens of(Path directory) {
    Tokens tokens = new Tokens(directory);
    try {
      tokens.identities = tokens.read();
    } catch (BadToken e) {
      throw new StartupException(
          "%s = %s cannot be used: %s.".formatted(PROPERTY, directory, e.getMessage()),
          "Keep one file for each client there: its name is the client's identity, its content a"
              + " token (openssl rand -hex 32 makes one).");
    } catch (IOException e) {
      throw new StartupException(
          "%s = %s cannot be read: %s."
              .formatted(PROPERTY, directory, e.getClass().getSimpleName()),
          "Name a directory that this user may read, with a file for each client.");
    }
    return tokens;
  }

  /** Reads the tokens again. If one is not valid, all earlier ones stay in use. */
  void reload() {
    try {
      Map<String, String> next = read();
      if (!next.equals(identities)) {
        identities = next;
        log.atInfo().addKeyValue("clients", next.size()).log("new tokens apply");
      }
    } catch (BadToken | IOException e) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("reason", e instanceof BadToken ? e.getMessage() : e.toString())
          .log("new tokens are invalid; previous tokens stay in use");
    }
  }

  /** The identity of the client with this token; empty if no client has it. */
  Optional<Identity> identify(String token) {
    return Optional.ofNullable(identities.get(digest(token))).map(Identity::ofLabel);
  }

  private Map<String, String> read() throws IOException, BadToken {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      // A mounted Secret keeps its versions in directories whose names begin with a dot.
      files = all.filter(file -> !name(file).startsWith(".")).sorted().toList();
    }
    Map<String, String> read = new HashMap<>();
    for (Path file : files) {
      String name = name(file);
      if (!Identity.isName(name)) {
        throw new BadToken("'%s' is no identity of a client".formatted(name));
      }
      String other = read.put(digest(token(file)), name);
      if (other != null) {
        throw new BadToken("%s and %s have the same token".formatted(other, name));
      }
    }
    return Map.copyOf(read);
  }

  private static String token(Path file) throws IOException, BadToken {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new BadToken(name(file) + " is no file that this user may read");
    }
    String token =
        Files.size(file) > MOST_LENGTH
            ? ""
            : Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (token.length() < LEAST_LENGTH || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new BadToken(
          "%s holds no token of %d to %d printable characters"
              .formatted(name(file), LEAST_LENGTH, MOST_LENGTH));
    }
    return token;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** A digest is looked up, so that the time of a comparison tells nothing about a token. */
  private static String digest(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
