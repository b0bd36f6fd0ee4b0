// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of the documentation has a target, and README links to all pages. */
class LinksTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");

  @Test
  void relativeLinksPointToExistingFilesAndHeadings() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path page : pages()) {
      for (String link : links(page)) {
        URI uri = URI.create(link);
        Path target =
            uri.getPath().isEmpty() ? page : page.resolveSibling(uri.getPath()).normalize();
        boolean leadsSomewhere =
            Files.exists(target)
                && (uri.getFragment() == null || anchors(target).contains(uri.getFragment()));
        if (!leadsSomewhere) {
          dead.add(page + ": " + link);
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  @Test
  void readmeLinksToEveryPageOrItsDirectory() throws IOException {
    Path readme = ROOT.resolve("README.md");
    List<Path> linked =
        links(readme).stream()
            .map(link -> readme.resolveSibling(link.replaceFirst("#.*", "")))
            .toList();
    assertThat(pages())
        .filteredOn(page -> !page.equals(readme))
        .allSatisfy(page ->
            assertThat(linked)
                .as("README links to the page or to its directory")
                .containsAnyOf(page, page.getParent()));
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      List<Path> pages =
          new ArrayList<>(docs.filter(file -> file.toString().endsWith(".md")).toList());
      Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md")
          .map(ROOT::resolve)
          .forEach(pages::add);
      assertThat(pages).hasSizeGreaterThan(10);
      return pages;
    }
  }

  private static List<String> links(Path page) throws IOException {
    return LINK.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""))
        .results()
        .map(link -> link.group(1))
        .filter(link -> !ELSEWHERE.matcher(link).matches())
        .toList();
  }

  /** Returns the anchors that GitHub creates for headings. */
  private static List<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(FENCED.matcher(Files.readString(page)).replaceAll(""))
        .results()
        .map(heading ->
            heading
                .group(1)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .strip()
                .replace(' ', '-'))
        .toList();
  }
}
