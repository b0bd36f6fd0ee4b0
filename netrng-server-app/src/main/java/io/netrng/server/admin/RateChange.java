// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.distribution.Distributor;
import org.jspecify.annotations.Nullable;

/** A change of a client's rates; an absent rate stays unchanged. */
record RateChange(@Nullable Long guarantee, @Nullable Long ceiling) {

  private static final long GREATEST_GUARANTEE = 0xffff_ffffL;

  long guaranteeOr(long present) {
    if (guarantee == null) {
      return present;
    }
    if (guarantee < 0 || guarantee > GREATEST_GUARANTEE) {
      throw Problem.badRequest(
          "guarantee = %d is out of range: 0 to %d bytes per second."
              .formatted(guarantee, GREATEST_GUARANTEE));
    }
    return guarantee;
  }

  long ceilingOr(long present) {
    if (ceiling == null) {
      return present;
    }
    if (ceiling < 0) {
      throw Problem.badRequest(
          "ceiling = %d is out of range: 0 (no limit) bytes per second or more."
              .formatted(ceiling));
    }
    return ceiling == 0 ? Distributor.NO_CEILING : ceiling;
  }
}
