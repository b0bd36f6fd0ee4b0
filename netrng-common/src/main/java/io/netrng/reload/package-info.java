// SPDX-License-Identifier: Apache-2.0
/**
 * Reloads configuration files and certificates while an app runs, on SIGHUP and when files change.
 * This package must not depend on either app or on the meaning of its properties.
 */
@NullMarked
package io.netrng.reload;

import org.jspecify.annotations.NullMarked;
