// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Connects repeatedly, one connection after another. It measures the time from the start of the
 * connection to the last byte of the first sample. The client sends REQUEST after WELCOME, like
 * NetRNG's own client. REQUEST directly after HELLO would be faster. It prints one line: the 99th
 * percentile in milliseconds.
 *
 * <p>Arguments: port, connections of warm-up, connections to measure.
 */
public final class LatencyClient {

  private static final double PERCENTILE = 0.99;
  private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private LatencyClient() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    nanosToFirstSample(port, Integer.parseInt(args[1]));
    long[] nanos = nanosToFirstSample(port, Integer.parseInt(args[2]));
    Arrays.sort(nanos);
    int rank = (int) Math.ceil(PERCENTILE * nanos.length);
    System.out.println(nanos[rank - 1] / NANOS_PER_MILLI);
  }

  private static long[] nanosToFirstSample(int port, int connections) throws IOException {
    long[] nanos = new long[connections];
    for (int i = 0; i < connections; i++) {
      long begun = System.nanoTime();
      try (RawSession session = RawSession.open(port, "latency")) {
        session.request(1);
        session.awaitSample();
        nanos[i] = System.nanoTime() - begun;
      }
    }
    return nanos;
  }
}
