// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * One sign by which a virtual machine can detect that it was restored from a snapshot. One thread
 * calls it, about once per second.
 */
interface CloneSignal {

  /** Returns the name in configuration, logs and health. */
  String name();

  /**
   * Returns whether the machine was restored since the last call.
   *
   * @throws IOException if it can no longer be read
   */
  boolean hasFired() throws IOException;

  /** Returns whether only a restore raises it. Other signals have false alarms. */
  boolean isCertain();

  /**
   * Returns the counter at the last call. The new program continues from it. Empty if the signal
   * compares none.
   */
  default OptionalLong counter() {
    return OptionalLong.empty();
  }
}
