// SPDX-License-Identifier: Apache-2.0
package io.netrng.picture;

import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/** Builds an SVG as text, which is dark in a reader's dark theme. */
public final class Svg {

  private static final List<String> STYLE =
      List.of(
          "<style>",
          "svg { background: #fff; color: #222 }",
          ".a { stroke: #0969da } .b { stroke: #bc4c00 }",
          "@media (prefers-color-scheme: dark) {",
          "svg { background: #0d1117; color: #ddd }",
          ".a { stroke: #58a6ff } .b { stroke: #f0883e } }",
          "text { font: 13px sans-serif; fill: currentColor }",
          ".end { text-anchor: end } .mid { text-anchor: middle }",
          ".grid { stroke: currentColor; stroke-opacity: .18 }",
          ".mark { stroke: currentColor; stroke-opacity: .6; stroke-dasharray: 4 3 }",
          "polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round }",
          "</style>");

  private final Formatter text = new Formatter(Locale.ROOT);

  /** Starts a picture of this size, with a title for screen readers. */
  public Svg(String title, int width, int height) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">%n",
        width, height);
    add("<title>%s</title>%n", title);
    STYLE.forEach(line -> add("%s%n", line));
  }

  /** Appends text, formatted by {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be a dependency
  public void add(String format, Object... values) {
    text.format(format, values);
  }

  /** Completes the picture. */
  public String end() {
    add("</svg>%n");
    return text.toString();
  }
}
