// SPDX-License-Identifier: Apache-2.0
/**
 * Errors and warnings of both apps at start: one sentence for each invalid value, and a warning for
 * each unknown property. This package must not depend on either app.
 */
@NullMarked
package io.netrng.startup;

import org.jspecify.annotations.NullMarked;
