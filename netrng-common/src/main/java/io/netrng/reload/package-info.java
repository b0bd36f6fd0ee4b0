/**
 * Reloads configuration files and certificates while an app runs, on SIGHUP and when files change.
 * Nothing in here may know either app, nor what its properties mean.
 */
@NullMarked
package io.netrng.reload;

import org.jspecify.annotations.NullMarked;
