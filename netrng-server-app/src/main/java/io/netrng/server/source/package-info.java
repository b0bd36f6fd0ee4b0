/**
 * Everything to the left of the released stream: the devices, a reader thread for each, and the
 * samples that they become. Nothing in here may know who gets them.
 */
@NullMarked
package io.netrng.server.source;

import org.jspecify.annotations.NullMarked;
