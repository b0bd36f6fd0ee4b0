/**
 * Limits on what others can cause to be logged. Nothing in here knows what is logged, or either
 * app.
 */
@NullMarked
package io.netrng.logging;

import org.jspecify.annotations.NullMarked;
