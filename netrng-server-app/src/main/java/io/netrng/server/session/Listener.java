// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.naming.ExternalName;

/** The listeners that admit clients; the constants in lower case are metric tags. */
public enum Listener implements ExternalName {
  /** The stream of samples, for NetRNG's clients. */
  STREAM,
  /** EGD, for guests of QEMU and for programs that read an entropy gathering daemon. */
  EGD,
  /** The HTTP entropy API. */
  HTTP
}
