/** External names of enum constants. */
@NullMarked
package io.netrng.naming;

import org.jspecify.annotations.NullMarked;
