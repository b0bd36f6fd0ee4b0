// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.naming.ExternalName;

/** The state of a device. The constants in lower case are the names in metrics, health and log. */
public enum DeviceState implements ExternalName {
  /** The device is being opened; a FIFO stays in this state until it has a writer. */
  OPENING,
  /** The device is open and its first bytes are being tested; none of them was released yet. */
  STARTUP,
  /** The device passes its tests and is read on demand. */
  HEALTHY,
  /**
   * The device vanished, ended, had an error or failed a health test; it is retried after a pause.
   */
  FAILED,
  /** The device is a file and was read to its end; it is never read again. */
  EXHAUSTED;

  /** Whether the device is open and provides bytes. */
  boolean isReading() {
    return this == STARTUP || this == HEALTHY;
  }
}
