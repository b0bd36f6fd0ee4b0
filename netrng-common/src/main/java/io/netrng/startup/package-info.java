/**
 * What both apps report at start: one sentence for each invalid value that an operator set, and a
 * warning for each unknown property. Nothing in here may know either app.
 */
@NullMarked
package io.netrng.startup;

import org.jspecify.annotations.NullMarked;
