// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.client.sink.FeedBuffer;
import java.util.List;

/** The configuration without guests, for tests of other packages. */
public final class NoGuests {

  private NoGuests() {}

  /** Returns the part of the guests that leaves all bytes to the sink. */
  public static Guests beside(FeedBuffer sink) {
    return new Guests(new EgdProperties(List.of()), sink);
  }
}
