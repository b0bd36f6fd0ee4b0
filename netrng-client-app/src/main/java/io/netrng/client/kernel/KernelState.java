// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import java.time.Instant;

/** The state of the sink; its diagram is at {@link KernelSink}. */
public sealed interface KernelState {

  /** Not started, or stopped in order. */
  record Stopped() implements KernelState {}

  /** The kernel takes what the client feeds. */
  record Feeding() implements KernelState {}

  /**
   * The kernel has refused the bytes, and the sink will try again.
   *
   * @param detail a description for people
   * @param retryAt the time of the next try
   */
  record Failed(String detail, Instant retryAt) implements KernelState {}
}
