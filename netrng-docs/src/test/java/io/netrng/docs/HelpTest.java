// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The output of {@code --help} equals the entries of docs/configuration.md. */
class HelpTest {

  /** A property with its default, if the text contains one, which may be on the next line. */
  private static final Pattern OPTION =
      Pattern.compile("--(netrng[^=]+)=(?:(?!\\n  --)[^(])*(?:\\(default ([^),]+)[^)]*\\))?");

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(netrng[^`]+)` \\| [^|]+ \\| `?([^|`]+?)`? \\|");

  private static Map<String, String> documented() throws IOException {
    Map<String, String> defaults = new HashMap<>();
    Matcher row = ROW.matcher(Files.readString(Path.of("../docs/configuration.md")));
    while (row.find()) {
      defaults.put(row.group(1), row.group(2));
    }
    return defaults;
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "client"})
  void theHelpNamesDocumentedPropertiesAndTheirDefaults(String app) throws IOException {
    // given
    Map<String, String> documented = documented();
    Path help = Path.of("../netrng-%s-app/src/main/resources/help.txt".formatted(app));

    // when
    Map<String, String> named = new HashMap<>();
    Matcher option = OPTION.matcher(Files.readString(help));
    while (option.find()) {
      named.put(option.group(1), option.group(2) == null ? "none" : option.group(2));
    }

    // then
    assertThat(named)
        .hasSizeGreaterThanOrEqualTo(4)
        .allSatisfy((name, value) -> assertThat(documented).containsEntry(name, value));
  }
}
