/**
 * What administrators see and do over HTTP: the REST API under {@code /api/v1} and the page that is
 * made of it. It looks in and is looked at by nobody, and every act leaves a line in the log.
 */
@NullMarked
package io.netrng.server.admin;

import org.jspecify.annotations.NullMarked;
