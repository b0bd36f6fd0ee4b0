// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

/**
 * Receives the samples that leave the quarantine of one device. Used by one thread, from a start-up
 * test to the end of the device or a failure.
 */
interface Output {

  /** Takes ownership of the next samples. */
  void take(SampleBatch batch);

  /** Destroys what was taken and not passed on. Nothing is taken afterwards. */
  void destroy();

  /** An output that releases the samples as they are. */
  static Output into(SampleBuffer stream) {
    return new Output() {
      @Override
      public void take(SampleBatch batch) {
        stream.release(batch);
      }

      @Override
      public void destroy() {}
    };
  }
}
