/**
 * Who may use the server's HTTP: the bearer token and what is open without it. Nothing in here may
 * know what the HTTP is about.
 */
@NullMarked
package io.netrng.server.security;

import org.jspecify.annotations.NullMarked;
