// SPDX-License-Identifier: Apache-2.0
/**
 * The main class of the server. The features are in the packages below; this package names none of
 * them.
 */
@NullMarked
package io.netrng.server;

import org.jspecify.annotations.NullMarked;
