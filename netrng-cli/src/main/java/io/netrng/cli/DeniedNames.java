// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The clients that a server's configuration denies. */
final class DeniedNames {

  private static final String PROPERTY = "netrng.server.denied";

  private final PropertiesFile properties;
  private final List<String> names;

  /** Reads the names from a configuration file. */
  DeniedNames(PropertiesFile properties) {
    this.properties = properties;
    names =
        new ArrayList<>(
            Stream.of(properties.get(PROPERTY).orElse("").split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList());
  }

  /** Adds a name to the configuration. Returns false if the name is in it. */
  boolean add(String name) {
    return !names.contains(name) && names.add(name) && set();
  }

  /** Removes a name from the configuration. Returns false if the name is not in it. */
  boolean remove(String name) {
    return names.removeIf(name::equals) && set();
  }

  private boolean set() {
    properties.set(PROPERTY, String.join(",", names));
    return true;
  }
}
