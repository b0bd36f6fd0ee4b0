/**
 * What both apps say at start: one clear sentence for each mistake in what an operator gave them, a
 * warning for each property that nobody knows, and what Spring knows of certificates, as they
 * change. Nothing in here may know either app.
 */
@NullMarked
package io.netrng.startup;

import org.jspecify.annotations.NullMarked;
