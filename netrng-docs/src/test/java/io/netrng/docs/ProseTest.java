// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Documentation pages have short sentences and short lines. The test skips fenced blocks, generated
 * tables and lines that consist of one long link.
 */
class ProseTest {

  private static final Path ROOT = Path.of("..");
  private static final int LONGEST_SENTENCE = 25;
  private static final int LONGEST_LINE = 100;

  private static final Pattern LINK = Pattern.compile("!?\\[([^]]*)]\\([^)]*\\)");
  private static final Pattern CODE = Pattern.compile("`[^`]*`");
  private static final Pattern TAG = Pattern.compile("<[^>]*>");
  private static final Pattern END = Pattern.compile("(?<=[.!?])[)*_\"]*\\s+");
  private static final Pattern ITEM = Pattern.compile("^\\s*([-*+]|\\d+\\.) +");
  private static final Pattern CELLS = Pattern.compile("(?<!\\\\)\\|");
  private static final Pattern WORD = Pattern.compile("\\w");

  /** Reads one page from its first line to its last. */
  private static final class Page {

    private final String name;
    private final List<String> found = new ArrayList<>();
    private final StringBuilder paragraph = new StringBuilder();
    private int begin;
    private boolean fenced;
    private boolean generated;

    Page(String name) {
      this.name = name;
    }

    List<String> findings(List<String> lines) {
      for (int i = 0; i < lines.size(); i++) {
        read(lines.get(i), i + 1);
      }
      endParagraph();
      return found;
    }

    private void read(String line, int number) {
      if (line.stripLeading().startsWith("```")) {
        endParagraph();
        fenced = !fenced;
      } else if (!fenced) {
        if (line.contains("written by make docs")) {
          generated = true;
        } else if (line.contains("<!-- end -->")) {
          generated = false;
        }
        readProse(line, number);
      }
    }

    private void readProse(String line, int number) {
      String text = line.strip();
      if (text.startsWith("|")) {
        endParagraph();
        if (!generated) {
          CELLS.splitAsStream(text).forEach(cell -> check(cell.strip(), number));
        }
        return;
      }
      if (line.length() > LONGEST_LINE) {
        found.add("%s:%d: %d columns".formatted(name, number, line.length()));
      }
      if (text.isEmpty() || text.startsWith("#") || text.startsWith("<!--")) {
        endParagraph();
        return;
      }
      if (ITEM.matcher(line).find()) {
        endParagraph();
      }
      if (paragraph.isEmpty()) {
        begin = number;
      }
      paragraph.append(ITEM.matcher(line).replaceFirst("").strip()).append(' ');
    }

    private void endParagraph() {
      check(paragraph.toString(), begin);
      paragraph.setLength(0);
    }

    private void check(String text, int number) {
      String plain = LINK.matcher(text).replaceAll("$1");
      plain = TAG.matcher(CODE.matcher(plain).replaceAll("X")).replaceAll("");
      END.splitAsStream(plain)
          .filter(sentence -> words(sentence) > LONGEST_SENTENCE)
          .forEach(sentence ->
              found.add("%s:%d: %d words: %s".formatted(name, number, words(sentence), sentence)));
    }

    private static long words(String sentence) {
      return Stream.of(sentence.split("\\s+")).filter(word -> WORD.matcher(word).find()).count();
    }
  }

  @Test
  void sentencesHaveAtMost25WordsAndLinesAtMost100Columns() throws IOException {
    List<Path> pages = pages();
    List<String> found = new ArrayList<>();
    for (Path page : pages) {
      found.addAll(new Page(page.toString()).findings(Files.readAllLines(page)));
    }
    assertThat(pages).hasSizeGreaterThan(30);
    assertThat(found).isEmpty();
  }

  @Test
  void amountsAreInTheUnitsOfTheConfiguration() throws IOException {
    // The benchmark is compared with iperf3, whose rates are decimal; Grafana has its own units.
    List<String> exempt = List.of("benchmark.md", "glossary.md", "monitoring.md");
    for (Path page : pages()) {
      if (!exempt.contains(page.getFileName().toString())) {
        assertThat(page).content().doesNotContainPattern("[KMG]iB");
      }
    }
  }

  @Test
  void findsLongSentencesAndLongLines() {
    String sentence = "one ".repeat(LONGEST_SENTENCE);
    List<String> page =
        List.of(
            "# Heading",
            sentence.strip() + ".",
            "| a cell | " + sentence + "more |",
            "- " + sentence,
            "  more.",
            "```",
            sentence + sentence,
            "```",
            "<!-- x: written by make docs -->",
            "| " + sentence + sentence + " |",
            "<!-- end -->",
            "X".repeat(LONGEST_LINE + 1));

    assertThat(new Page("page.md").findings(page))
        .extracting(finding -> finding.replaceAll(" words.*", ""))
        .containsExactly(
            "page.md:3: 26", "page.md:4: 102 columns", "page.md:4: 26", "page.md:12: 101 columns");
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String part : List.of("docs", "charts")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(part))) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
      }
    }
    try (Stream<Path> files = Files.list(ROOT)) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }
}
