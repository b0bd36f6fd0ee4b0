// SPDX-License-Identifier: Apache-2.0
/**
 * Arithmetic of rate limits for both apps. This package must not read a clock, wait, or depend on
 * the limited operation.
 */
@NullMarked
package io.netrng.rate;

import org.jspecify.annotations.NullMarked;
