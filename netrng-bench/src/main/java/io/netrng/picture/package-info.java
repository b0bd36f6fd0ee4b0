// SPDX-License-Identifier: Apache-2.0
/**
 * Draws the pictures of the documentation in one style. This package must not depend on their
 * content.
 */
@NullMarked
package io.netrng.picture;

import org.jspecify.annotations.NullMarked;
