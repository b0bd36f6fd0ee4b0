// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import io.netrng.unit.DataRate;

/** The sinks, with the demand that suits each. The constants in lower case are the values. */
public enum SinkKind {
  /** A child process {@code rngd}. It takes preambles and blocks of FIPS 140-2. */
  RNGD(2_500, 8 * 1024, 4 * 1024, false),

  /** The kernel's own interface. It takes as little as a key of the kernel's generator. */
  KERNEL(32, 0, 256, true);

  private final int piece;
  private final int start;
  private final long maxRate;
  private final boolean ofOneSession;

  SinkKind(int piece, int start, long maxRate, boolean ofOneSession) {
    this.piece = piece;
    this.start = start;
    this.maxRate = maxRate;
    this.ofOneSession = ofOneSession;
  }

  /** Returns the least that it takes at once, in bytes. */
  public int piece() {
    return piece;
  }

  /** Returns how many bytes it needs at its start without a pause. */
  public int start() {
    return start;
  }

  /**
   * Returns whether it takes only bytes of the present session. A snapshot of a virtual machine
   * copies the bytes that the client holds, and all clones would take the same.
   */
  public boolean isOfOneSession() {
    return ofOneSession;
  }

  /** Returns the default of the client's maximum rate. */
  public DataRate maxRate() {
    return new DataRate(maxRate);
  }
}
