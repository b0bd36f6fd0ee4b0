package io.netrng.server.source;

import java.time.Duration;

/**
 * How much the devices that are being read can give, all together.
 *
 * @param bytesPerSecond their sum; 0 while none of them is known
 * @param age how long ago the oldest of the values in the sum was measured; zero if it is pinned
 * @param pinned whether an operator has set it, so that it is not what was measured
 */
public record Capacity(double bytesPerSecond, Duration age, boolean pinned) {}
