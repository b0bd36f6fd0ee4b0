// SPDX-License-Identifier: Apache-2.0
/**
 * What all listening sockets share. This package must not depend on the protocol that a listener
 * serves.
 */
@NullMarked
package io.netrng.listener;

import org.jspecify.annotations.NullMarked;
