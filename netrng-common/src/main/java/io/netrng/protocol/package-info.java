// SPDX-License-Identifier: Apache-2.0
/**
 * The frames of protocol version 1, their decoder and encoder, and the codes of CLOSE
 * (docs/protocol.md). This package must not depend on sockets, sessions or Spring.
 */
@NullMarked
package io.netrng.protocol;

import org.jspecify.annotations.NullMarked;
