// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.naming.ExternalName;
import io.netrng.server.conditioning.Sha512;
import io.netrng.server.healthtest.Cutoffs;

/**
 * The conditioning of a device's bytes, as configured. The constants in lower case are the values
 * of the configuration.
 */
public enum Conditioning implements ExternalName {
  /** Conditions if the claimed min-entropy is below 8 bits per byte. */
  AUTO,
  /** Conditions by SHA-512. */
  SHA_512,
  /** Releases the bytes as they are. */
  NONE;

  /** The bits of entropy that SP 800-90C requires beyond those of an output. */
  private static final int MARGIN_BITS = 64;

  /** Whether a device with this claim is conditioned. */
  boolean appliesTo(double minEntropy) {
    return this == SHA_512 || (this == AUTO && minEntropy < Cutoffs.GREATEST_MIN_ENTROPY);
  }

  /**
   * The fresh bytes that each output takes, so that every bit of it may be credited as one (SP
   * 800-90C): its 512 bits and 64 more.
   *
   * @param minEntropy bits of min-entropy per byte, more than 0
   */
  static int inputSize(double minEntropy) {
    return (int) Math.ceil((Sha512.SIZE * Byte.SIZE + MARGIN_BITS) / minEntropy);
  }

  /**
   * The bytes released for each byte taken, less than 1.
   *
   * @param minEntropy bits of min-entropy per byte, more than 0
   */
  static double outputRatio(double minEntropy) {
    return (double) Sha512.SIZE / inputSize(minEntropy);
  }
}
