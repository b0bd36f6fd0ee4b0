// SPDX-License-Identifier: Apache-2.0
/**
 * Limits of log lines that a peer or a child process can cause. This package must not depend on the
 * logged events or on either app.
 */
@NullMarked
package io.netrng.logging;

import org.jspecify.annotations.NullMarked;
