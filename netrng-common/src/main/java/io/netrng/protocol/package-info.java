/**
 * The wire: the frames of protocol version 1, their decoder and encoder, and the words for why a
 * connection ended (docs/protocol.md). Nothing in here may know a socket, a session or Spring.
 */
@NullMarked
package io.netrng.protocol;

import org.jspecify.annotations.NullMarked;
