// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.IOException;

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
}
