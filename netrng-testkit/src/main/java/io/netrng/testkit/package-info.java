// SPDX-License-Identifier: Apache-2.0
/**
 * The stream protocol on blocking sockets, for tests and the benchmark. It is implemented from
 * docs/protocol.md and depends on no other code of NetRNG. Shipped code must not depend on it.
 */
@NullMarked
package io.netrng.testkit;

import org.jspecify.annotations.NullMarked;
