/**
 * Checks the readiness of running apps from outside, for images without curl. This package must not
 * depend on either app.
 */
@NullMarked
package io.netrng.readiness;

import org.jspecify.annotations.NullMarked;
