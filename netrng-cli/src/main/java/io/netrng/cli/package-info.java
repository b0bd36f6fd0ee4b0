// SPDX-License-Identifier: Apache-2.0
/**
 * The command {@code netrng}: shows and changes what a server does through its REST API, and checks
 * both apps for monitoring. Each subcommand is a class with its name.
 */
@NullMarked
package io.netrng.cli;

import org.jspecify.annotations.NullMarked;
