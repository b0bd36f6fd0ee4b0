/**
 * What operators see: health, metrics and info. It looks into the other rooms, and none of them
 * knows of it.
 */
@NullMarked
package io.netrng.server.observability;

import org.jspecify.annotations.NullMarked;
