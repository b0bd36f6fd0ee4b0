// SPDX-License-Identifier: Apache-2.0
/** Starts the client. This package must contain no feature; the features are in its subpackages. */
@NullMarked
package io.netrng.client;

import org.jspecify.annotations.NullMarked;
