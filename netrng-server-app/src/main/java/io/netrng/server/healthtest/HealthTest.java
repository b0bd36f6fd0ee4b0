// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import io.netrng.naming.ExternalName;

/** The health tests. The constants in lower case are the names in metrics and log. */
public enum HealthTest implements ExternalName {
  /** A byte occurred too often in a row (SP 800-90B 4.4.1). */
  REPETITION_COUNT,
  /** The first byte of a window occurred too often in it (SP 800-90B 4.4.2). */
  ADAPTIVE_PROPORTION,
  /** A bit position had one value throughout a window. */
  STUCK_BIT,
  /** Two reads in a row returned the same bytes. */
  REPEATED_READ,
  /** A window equals an earlier one. */
  REPLAYED_WINDOW,
  /** Any of the other tests, during the start-up test of a device (SP 800-90B 4.3). */
  START_UP;
}
