package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;

/** A device has failed a health test; its bytes are not in here. */
final class HealthTestException extends Exception {

  private final HealthTest test;

  HealthTestException(HealthTest test) {
    super(test.externalName());
    this.test = test;
  }

  HealthTest test() {
    return test;
  }
}
