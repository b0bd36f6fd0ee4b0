/**
 * Who may come in: to the stream by TLS, the identity that a certificate gives and those who are
 * denied, to HTTP by the administrator's token. Nothing in here may know what a client is given
 * once it is in.
 */
@NullMarked
package io.netrng.server.security;

import org.jspecify.annotations.NullMarked;
