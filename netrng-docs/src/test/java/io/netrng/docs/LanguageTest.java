// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Code, comments, log messages and documentation contain no word of banned-words.list. The test
 * splits identifiers at their capital letters, so that it also finds {@code askStranger}.
 */
class LanguageTest {

  private static final Path ROOT = Path.of("..");
  private static final Path LIST = Path.of("src/test/resources/io/netrng/docs/banned-words.list");

  /** Third-party files, build output, and this test with its list. */
  private static final Set<String> NOT_OURS =
      Set.of(
          ".git",
          "target",
          "node_modules",
          "LICENSE",
          "NOTICE",
          "banned-words.list",
          "LanguageTest.java");

  private static final Set<String> TEXT =
      Set.of(
          "java",
          "md",
          "html",
          "js",
          "css",
          "sh",
          "yaml",
          "yml",
          "tpl",
          "txt",
          "properties",
          "json",
          "xml",
          "service",
          "socket",
          "options",
          "hex",
          "svg",
          "5",
          "8");

  private static final Pattern CAPITALS =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_");

  private record Banned(String phrase, Pattern pattern) {

    static Banned of(String phrase) {
      String spaces = Pattern.quote(phrase).replace(" ", "\\E[\\s*#/]+\\Q");
      return new Banned(phrase, Pattern.compile("\\b" + spaces + "\\b", Pattern.CASE_INSENSITIVE));
    }

    Stream<String> findIn(Path file, String text) {
      return pattern
          .matcher(text)
          .results()
          .map(hit -> {
            long line = text.substring(0, hit.start()).lines().count();
            return "%s:%d: %s".formatted(file, Math.max(1, line), phrase);
          });
    }
  }

  @Test
  void noTextHasABannedWord() throws IOException {
    List<Banned> banned = bannedWords();
    List<Path> files = texts();

    List<String> found =
        files.parallelStream().flatMap(file -> findIn(file, read(file), banned)).toList();

    assertThat(files).as("searched files").hasSizeGreaterThan(500);
    assertThat(found).isEmpty();
  }

  @Test
  void findsBannedWordsInProseAndInIdentifiers() throws IOException {
    String text =
        "void askAStranger(ANewOne one) {\n  // It starts\n  // Anew, which is\n  // to be expected.\n";

    assertThat(findIn(Path.of("A.java"), text, bannedWords()))
        .containsExactlyInAnyOrder("A.java:1: stranger", "A.java:3: anew", "A.java:3: is to be");
  }

  private static Stream<String> findIn(Path file, String text, List<Banned> banned) {
    String words = CAPITALS.matcher(text).replaceAll(" ");
    return banned.stream().flatMap(phrase -> phrase.findIn(file, words));
  }

  private static List<Banned> bannedWords() throws IOException {
    try (Stream<String> lines = Files.lines(LIST)) {
      return lines.filter(line -> !line.startsWith("#")).map(Banned::of).toList();
    }
  }

  private static List<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return NOT_OURS.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile() && isText(file)) {
              texts.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return texts;
  }

  private static boolean isText(Path file) {
    String name = file.getFileName().toString();
    return !NOT_OURS.contains(name)
        && (TEXT.contains(name.substring(name.lastIndexOf('.') + 1))
            || file.startsWith(ROOT.resolve("scripts")));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }
}
