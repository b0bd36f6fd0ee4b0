// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Shell scripts with the options of rngd 5 and the behaviour that a test requires. */
final class FakeRngd {

  /** Consumes its whole input. */
  static final String TAKES = "exec cat > /dev/null";

  private FakeRngd() {}

  /** Writes a script atomically, as a package manager does. */
  static Path write(Path path, String work) {
    return script(path, "case \"$1\" in --help) echo ' -d, --no-drng=1|0'; exit 0;; esac\n" + work);
  }

  static Path script(Path path, String text) {
    try {
      Path fresh = Files.createTempFile(path.getParent(), "fresh", "");
      Files.writeString(fresh, "#!/bin/sh\n" + text + "\n");
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      return Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
