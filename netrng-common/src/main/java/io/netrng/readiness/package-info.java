// SPDX-License-Identifier: Apache-2.0
/**
 * Checks from outside whether the pods of a release are ready, for images without kubectl. This
 * package must not depend on either app.
 */
@NullMarked
package io.netrng.readiness;

import org.jspecify.annotations.NullMarked;
