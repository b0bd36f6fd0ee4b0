// SPDX-License-Identifier: Apache-2.0
/**
 * The stream protocol on blocking sockets, and pseudo-terminals, for tests and the benchmark. The
 * protocol is implemented from docs/protocol.md. The package depends on no other code of NetRNG.
 * Shipped code must not depend on it.
 */
@NullMarked
package io.netrng.testkit;

import org.jspecify.annotations.NullMarked;
