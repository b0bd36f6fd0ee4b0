// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netrng.naming.ExternalName;

/** How a listener treats a new connection. */
public enum EgdMode implements ExternalName {
  /** Each byte is an answer to a request. */
  EGD,
  /**
   * A new connection receives {@value EgdConnection#QEMU_READ} bytes without a request, once. QEMU
   * does not repeat after a reconnect the request that was lost with the connection before.
   */
  QEMU
}
