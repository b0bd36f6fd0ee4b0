/**
 * The child process {@code rngd}: finding it, starting it, feeding it, watching that it really
 * takes what it is fed, and stopping it. Nothing in here may know where the entropy comes from.
 */
@NullMarked
package io.netrng.client.rngd;

import org.jspecify.annotations.NullMarked;
