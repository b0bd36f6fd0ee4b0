// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A configuration file whose comments and order stay when a property changes. */
final class PropertiesFile {

  private final Path file;
  private final List<String> lines;

  /** Reads a file; one that does not exist is empty. */
  PropertiesFile(Path file) throws IOException {
    this.file = file;
    lines = new ArrayList<>(Files.exists(file) ? Files.readAllLines(file) : List.of());
  }

  /** Returns the value of a property, if a line sets it. */
  Optional<String> get(String name) {
    return lines.stream()
        .filter(line -> sets(line, name))
        .reduce((_, last) -> last)
        .map(line -> line.substring(line.indexOf('=') + 1).strip());
  }

  /** Sets a property, in its own line or in a new last one. */
  void set(String name, String value) {
    String line = name + "=" + value;
    int index = indexOf(name);
    if (index < 0) {
      lines.add(line);
    } else {
      lines.set(index, line);
    }
  }

  private int indexOf(String name) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (sets(lines.get(i), name)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean sets(String line, String name) {
    int equals = line.indexOf('=');
    return equals >= 0 && line.substring(0, equals).strip().equals(name);
  }

  /** Writes the file in one step, with the rights that it has. */
  void write() throws IOException {
    InstalledFiles.replace(file, String.join("\n", lines) + "\n");
  }
}
