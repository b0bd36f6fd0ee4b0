// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.SourceStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The results of the health tests (QRNG Open API).
 *
 * @param results those of each device
 */
record Health(@JsonProperty("test_result") List<Result> results, List<Object> extensions) {

  /** The tests of NIST SP 800-90B 4.3 and 4.4, as the QRNG Open API names such tests. */
  static final String TYPE = "nist_90b";

  private static final String PASS = "pass";
  private static final String FAIL = "fail";

  /**
   * One result.
   *
   * @param type the test
   * @param result {@code pass}, {@code fail}, or the state of a device that is not being tested
   * @param at the time of the result
   * @param device the device
   * @param failures the number of failures since the start of the server
   */
  record Result(
      @JsonProperty("test_type") String type,
      @JsonProperty("test_result") String result,
      @JsonProperty("time_stamp") String at,
      String device,
      long failures) {}

  /** Reads the results of the tests that are running now. */
  static Health of(SourceStatus source, Instant now) {
    List<Result> results = new ArrayList<>();
    for (DeviceStatus device : source.devices()) {
      for (HealthTest test : HealthTest.values()) {
        results.add(result(device, test, now));
      }
    }
    return new Health(results, List.of());
  }

  private static Result result(DeviceStatus device, HealthTest test, Instant now) {
    DeviceStatus.TestResult last = device.lastTest();
    if (test == HealthTest.START_UP && last != null) {
      return result(device, test, last.failed() == null ? PASS : FAIL, last.at());
    }
    boolean failed = device.state() == DeviceState.FAILED && last != null && last.failed() == test;
    String running = device.state() == DeviceState.HEALTHY ? PASS : device.state().externalName();
    return result(device, test, failed ? FAIL : running, now);
  }

  private static Result result(DeviceStatus device, HealthTest test, String result, Instant at) {
    return new Result(
        TYPE + "_" + test.name().toLowerCase(Locale.ROOT),
        result,
        at.toString(),
        device.device(),
        device.testFailures().getOrDefault(test, 0L));
  }
}
