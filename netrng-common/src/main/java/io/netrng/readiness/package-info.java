/**
 * Asks running apps from outside whether they are ready, where there is no curl: in images. Nothing
 * in here may know either app.
 */
@NullMarked
package io.netrng.readiness;

import org.jspecify.annotations.NullMarked;
