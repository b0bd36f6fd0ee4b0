// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The descriptors that the service manager has opened for this process (sd_listen_fds(3), such as
 * by {@code OpenFile=} of systemd 253).
 *
 * @param names in the order of the descriptors
 */
public record PassedDescriptors(List<String> names) {

  /** The first one follows the standard streams. */
  private static final int FIRST = 3;

  private static final int MOST = 64;

  /** Copies the list. */
  public PassedDescriptors {
    names = List.copyOf(names);
  }

  /** Returns those of this process; empty without a manager. */
  public static PassedDescriptors ofThisProcess() {
    return of(System.getenv(), ProcessHandle.current().pid());
  }

  static PassedDescriptors of(Map<String, String> environment, long pid) {
    String count = environment.getOrDefault("LISTEN_FDS", "");
    boolean ours = environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid));
    if (!ours || !count.matches("[0-9]{1,2}")) {
      return new PassedDescriptors(List.of());
    }
    List<String> names =
        Arrays.asList(environment.getOrDefault("LISTEN_FDNAMES", "").split(":", MOST));
    int size = Integer.parseInt(count);
    return new PassedDescriptors(
        names.size() < size ? Collections.nCopies(size, "") : names.subList(0, size));
  }

  /** Returns how many there are. */
  public int count() {
    return names.size();
  }

  /** Returns the number of the descriptor with this name; empty if there is none. */
  public OptionalInt number(String name) {
    int at = names.indexOf(name);
    return at < 0 ? OptionalInt.empty() : OptionalInt.of(FIRST + at);
  }
}
