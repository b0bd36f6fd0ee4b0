// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses: their text, and whether they are loopback addresses. This package must not depend on
 * their use.
 */
@NullMarked
package io.netrng.net;

import org.jspecify.annotations.NullMarked;
