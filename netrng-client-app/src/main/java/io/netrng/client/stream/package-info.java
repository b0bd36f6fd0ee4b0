/**
 * The connection to a server: demand out, samples in, and the way back after it ends. Nothing in
 * here may know what becomes of the entropy beyond the buffer that it goes into.
 */
@NullMarked
package io.netrng.client.stream;

import org.jspecify.annotations.NullMarked;
