// SPDX-License-Identifier: Apache-2.0
/** The announcement of the stream in the local network. No other package may depend on this one. */
@NullMarked
package io.netrng.server.discovery;

import org.jspecify.annotations.NullMarked;
