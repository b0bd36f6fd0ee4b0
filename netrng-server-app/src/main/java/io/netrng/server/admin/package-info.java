// SPDX-License-Identifier: Apache-2.0
/**
 * The administration over HTTP: the REST API under {@code /api/v1} and the web page that uses it.
 * It may use the other packages, none of which may use it, and every action is logged.
 */
@NullMarked
package io.netrng.server.admin;

import org.jspecify.annotations.NullMarked;
