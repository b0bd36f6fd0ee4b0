// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The state of an app for its service manager. {@link ServiceManager} calls both suppliers about
 * every five seconds, on its thread.
 *
 * @param threads the threads that must not hang after the app has started
 * @param line the status in one line
 */
public record ServiceStatus(
    Supplier<? extends Iterable<? extends Executor>> threads, Supplier<String> line) {}
