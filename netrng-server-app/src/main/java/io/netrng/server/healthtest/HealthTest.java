package io.netrng.server.healthtest;

import io.netrng.naming.ExternalName;

/** What can find fault with a device. The words in lower case are those of metrics and log. */
public enum HealthTest implements ExternalName {
  /** One byte came too often in a row (SP 800-90B 4.4.1). */
  REPETITION_COUNT,
  /** The first byte of a window came too often in it (SP 800-90B 4.4.2). */
  ADAPTIVE_PROPORTION,
  /** A bit position had one value throughout a window. */
  STUCK_BIT,
  /** Two reads in a row gave the same bytes. */
  REPEATED_READ,
  /** A window had been there before. */
  REPLAYED_WINDOW,
  /** Any of the others, while a device was on trial (SP 800-90B 4.3). */
  START_UP;
}
