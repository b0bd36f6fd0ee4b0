// SPDX-License-Identifier: Apache-2.0
/**
 * Notifications to the service manager that started the app. This package must not depend on either
 * app, and an app must also run without a manager.
 */
@NullMarked
package io.netrng.service;

import org.jspecify.annotations.NullMarked;
