/**
 * Starts the client. Nothing in here may do any work of its own: that lives in the feature
 * packages.
 */
@NullMarked
package io.netrng.client;

import org.jspecify.annotations.NullMarked;
