/**
 * The connection to a server: it requests samples, receives them, and reconnects after it ends.
 * Nothing in here may know how the entropy is used beyond the buffer that it goes into.
 */
@NullMarked
package io.netrng.client.stream;

import org.jspecify.annotations.NullMarked;
