// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.naming.ExternalName;

/**
 * A reason not to trust a device in its present use.
 *
 * @param kind the kind of the reason
 * @param text the reason, for administrators: a sentence without its dot
 */
public record DeviceWarning(Kind kind, String text) {

  /** The kinds of warnings. The constants in lower case are the names in metrics, REST and log. */
  public enum Kind implements ExternalName {
    /** The device is a file. */
    FILE,
    /** The hypervisor provides the bytes. */
    VIRTIO_RNG,
    /** The bytes cross a network without encryption. */
    PLAINTEXT,
    /** The estimate of the min-entropy is below the claim. */
    MIN_ENTROPY;
  }
}
