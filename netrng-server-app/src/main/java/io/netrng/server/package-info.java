/**
 * The server app: its main class. The features live in the packages below, and this one knows none
 * of them by name.
 */
@NullMarked
package io.netrng.server;

import org.jspecify.annotations.NullMarked;
