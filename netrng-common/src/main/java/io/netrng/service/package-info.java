/**
 * The app as a service: its notifications to the service manager that started it. Nothing in here
 * may know either app, nor stop one from running without a manager.
 */
@NullMarked
package io.netrng.service;

import org.jspecify.annotations.NullMarked;
