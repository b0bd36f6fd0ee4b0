// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

/** One message of the stream protocol, version 1. */
public sealed interface Frame permits ClientFrame, ServerFrame {

  /** The protocol version of these frames. */
  int VERSION = 1;
}
