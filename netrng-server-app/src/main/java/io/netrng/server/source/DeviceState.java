package io.netrng.server.source;

import java.util.Locale;

/** What a device is doing. The words in lower case are those of metrics, health and log. */
public enum DeviceState {
  /** It is being opened; a FIFO stays here until it has a writer. */
  OPENING,
  /** It is open, and is read whenever somebody wants its bytes. */
  READING,
  /** It vanished, ended or erred, and is tried again after a pause. */
  FAILED,
  /** It is a file, and was read to its end; it is never read again. */
  EXHAUSTED;

  /** The constant in lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
