// SPDX-License-Identifier: Apache-2.0
/**
 * Clones: virtual machines that were restored from the same snapshot, and therefore hold the same
 * memory, secrets included. This package detects that this machine was restored, and replaces the
 * process. It must not depend on either app.
 */
@NullMarked
package io.netrng.clone;

import org.jspecify.annotations.NullMarked;
