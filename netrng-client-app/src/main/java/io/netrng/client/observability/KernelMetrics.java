// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.kernel.KernelSink;
import io.netrng.client.kernel.KernelState;

/** The metrics of the sink kernel. */
final class KernelMetrics implements MeterBinder {

  private final KernelSink kernel;

  KernelMetrics(KernelSink kernel) {
    this.kernel = kernel;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("netrng.kernel.fed", kernel, KernelSink::fedBytes)
        .baseUnit("bytes")
        .description("Entropy given to the kernel")
        .register(registry);
    FunctionCounter.builder("netrng.kernel.credited", kernel, KernelSink::creditedBits)
        .baseUnit("bits")
        .description("Entropy that the kernel has counted")
        .register(registry);
    FunctionCounter.builder("netrng.kernel.reseeds", kernel, KernelSink::reseeds)
        .description("Reseeds of the kernel's generator by the client")
        .register(registry);
    FunctionCounter.builder("netrng.kernel.failures", kernel, KernelSink::failures)
        .description("Refusals of entropy by the kernel")
        .register(registry);
    FunctionCounter.builder("netrng.kernel.test.failures", kernel, KernelSink::testFailures)
        .description("Pieces that failed a health test of the client and were discarded")
        .register(registry);
    Gauge.builder("netrng.kernel.up", kernel, k -> k.state() instanceof KernelState.Feeding ? 1 : 0)
        .description("1 while the kernel accepts entropy")
        .register(registry);
  }
}
