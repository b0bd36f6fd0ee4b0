// SPDX-License-Identifier: Apache-2.0
/** The main class of the jars, compiled for Java 17. */
@NullMarked
package io.netrng.launch;

import org.jspecify.annotations.NullMarked;
