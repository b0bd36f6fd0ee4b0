/**
 * Rate limits as arithmetic, for both apps. Nothing in here may read a clock, wait, or know what is
 * limited.
 */
@NullMarked
package io.netrng.rate;

import org.jspecify.annotations.NullMarked;
