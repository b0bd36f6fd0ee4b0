// SPDX-License-Identifier: Apache-2.0
/**
 * The connection to a server: requests samples, receives them, and reconnects after the connection
 * ends. This package must not depend on the use of the entropy after the buffer.
 */
@NullMarked
package io.netrng.client.stream;

import org.jspecify.annotations.NullMarked;
