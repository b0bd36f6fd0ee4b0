/**
 * The units in which operators write configuration and read answers. Nothing in here may know what
 * the numbers are used for.
 */
@NullMarked
package io.netrng.unit;

import org.jspecify.annotations.NullMarked;
