/**
 * The stream protocol on blocking sockets, written from docs/protocol.md for tests and the
 * benchmark. It depends on no other code of NetRNG, and nothing that ships may depend on it.
 */
@NullMarked
package io.netrng.testkit;

import org.jspecify.annotations.NullMarked;
