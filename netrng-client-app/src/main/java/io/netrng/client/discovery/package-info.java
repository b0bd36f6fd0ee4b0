// SPDX-License-Identifier: Apache-2.0
/**
 * The entries of the client's server list, and the discovery of servers by DNS. This package must
 * not depend on the stream.
 */
@NullMarked
package io.netrng.client.discovery;

import org.jspecify.annotations.NullMarked;
