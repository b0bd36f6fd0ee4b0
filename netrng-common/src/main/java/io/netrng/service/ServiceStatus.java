package io.netrng.service;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The state of an app for its service manager. Both suppliers are called about every five seconds,
 * on the thread of {@link ServiceManager}.
 *
 * @param threads those that must not hang, once the app has started
 * @param line the status in one line
 */
public record ServiceStatus(
    Supplier<? extends Iterable<? extends Executor>> threads, Supplier<String> line) {}
