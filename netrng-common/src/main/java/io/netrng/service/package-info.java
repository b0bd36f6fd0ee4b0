/**
 * The app as a service: what it tells the service manager that started it, and what it hears from
 * it. Nothing in here may know either app, nor keep one from running where there is no manager.
 */
@NullMarked
package io.netrng.service;

import org.jspecify.annotations.NullMarked;
