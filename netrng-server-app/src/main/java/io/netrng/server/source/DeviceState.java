package io.netrng.server.source;

import io.netrng.naming.ExternalName;

/** What a device is doing. The words in lower case are those of metrics, health and log. */
public enum DeviceState implements ExternalName {
  /** It is being opened; a FIFO stays here until it has a writer. */
  OPENING,
  /** It is open, and its first bytes are being tested; none of them was released yet. */
  STARTUP,
  /** It passes its tests, and is read whenever somebody wants its bytes. */
  HEALTHY,
  /** It vanished, ended, erred or failed a health test, and is tried again after a pause. */
  FAILED,
  /** It is a file, and was read to its end; it is never read again. */
  EXHAUSTED;

  /** Whether it is open and gives bytes. */
  boolean isReading() {
    return this == STARTUP || this == HEALTHY;
  }
}
