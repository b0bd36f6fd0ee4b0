// SPDX-License-Identifier: Apache-2.0
/** Handlers of the signals that operators send. This package must not depend on either app. */
@NullMarked
package io.netrng.signal;

import org.jspecify.annotations.NullMarked;
