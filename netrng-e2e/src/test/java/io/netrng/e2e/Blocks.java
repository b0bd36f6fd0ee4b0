// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Code blocks of the documentation's pages. */
final class Blocks {

  private static final Pattern FENCED = Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL);

  private Blocks() {}

  /** Returns the fenced blocks under a heading, in their order. */
  static List<String> under(String heading, String page) throws IOException {
    String text = text(page);
    int from = text.indexOf("\n## " + heading + "\n");
    int to = from < 0 ? -1 : text.indexOf("\n## ", from + 1);
    if (from < 0) {
      throw new IOException("%s has no heading '%s'".formatted(page, heading));
    }
    return FENCED
        .matcher(text.substring(from, to < 0 ? text.length() : to))
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  /** Returns the fenced block after the comment with this mark. */
  static String tested(String as, String page) throws IOException {
    String text = text(page);
    String mark = "<!-- tested: " + as + " -->\n";
    Matcher block = FENCED.matcher(text);
    if (!text.contains(mark) || !block.find(text.indexOf(mark))) {
      throw new IOException("%s has no block that is tested as %s".formatted(page, as));
    }
    return block.group(1);
  }

  private static String text(String page) throws IOException {
    return Files.readString(Path.of("..", page));
  }
}
