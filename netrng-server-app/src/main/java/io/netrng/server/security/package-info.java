// SPDX-License-Identifier: Apache-2.0
/**
 * Access control: TLS of the stream, the identities in certificates, the denied clients, and the
 * administrator's token for HTTP. Nothing in here may use the rates of admitted clients.
 */
@NullMarked
package io.netrng.server.security;

import org.jspecify.annotations.NullMarked;
