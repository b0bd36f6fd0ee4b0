/**
 * What operators see: health, metrics and info. It depends on the other packages, and none of them
 * knows of it.
 */
@NullMarked
package io.netrng.server.observability;

import org.jspecify.annotations.NullMarked;
