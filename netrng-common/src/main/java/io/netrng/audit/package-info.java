// SPDX-License-Identifier: Apache-2.0
/**
 * The audit log of both apps: a file with one line for each delivered or received range of the
 * stream. This package must not depend on either app, and no entropy may enter it.
 */
@NullMarked
package io.netrng.audit;

import org.jspecify.annotations.NullMarked;
