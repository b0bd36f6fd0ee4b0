// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.naming.ExternalName;
import io.netrng.server.source.DeviceState;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.Source;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tests a device on demand (SP 800-90B 4.3): it must pass a new start-up test. */
@RestController
final class DeviceTestController {

  /** Less than the browser waits for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration INTERVAL = Duration.ofMillis(50);

  private final Source source;
  private final ActionLog actions;

  DeviceTestController(Source source, ActionLog actions) {
    this.source = source;
    this.actions = actions;
  }

  /** The results of a test. The constants in lower case are the names in the API. */
  private enum Result implements ExternalName {
    /** The device passed all tests. */
    PASSED,
    /** The device failed a test, or had an error. */
    FAILED,
    /** The device is slow; the result follows in the list of devices. */
    RUNNING;
  }

  /**
   * A test in the API.
   *
   * @param result passed, failed or running
   * @param reason the reason of a failure
   */
  record DeviceTestView(String device, String result, @Nullable String reason) {}

  /**
   * Tests a device, and waits for the result for a few seconds.
   *
   * @param device its name; the only device if absent
   */
  @PostMapping("/api/v1/sources/tests")
  Mono<ResponseEntity<DeviceTestView>> test(
      @RequestParam(defaultValue = "") String device, ServerWebExchange exchange) {
    DeviceStatus before = NamedDevice.of(source, device);
    String name = before.device();
    if (!source.test(name)) {
      throw Problem.conflict(
          "The device %s cannot be tested, because it is %s: wait until it is read."
              .formatted(name, before.state().externalName()));
    }
    actions.act("test-device", exchange, line -> line.addKeyValue("device", name));
    return Flux.interval(INTERVAL)
        .map(_ -> NamedDevice.of(source, name))
        .filter(now -> isOver(before, now))
        .next()
        .map(DeviceTestController::result)
        .timeout(PATIENCE, Mono.fromSupplier(() -> view(before, Result.RUNNING, null)))
        .map(view ->
            ResponseEntity.status(
                    view.result().equals(Result.RUNNING.externalName())
                        ? HttpStatus.ACCEPTED
                        : HttpStatus.OK)
                .body(view));
  }

  private static DeviceTestView view(DeviceStatus device, Result result, @Nullable String reason) {
    return new DeviceTestView(device.device(), result.externalName(), reason);
  }

  private static boolean isOver(DeviceStatus before, DeviceStatus now) {
    return !Objects.equals(before.lastTest(), now.lastTest()) || !isRead(now.state());
  }

  private static boolean isRead(DeviceState state) {
    return state == DeviceState.STARTUP || state == DeviceState.HEALTHY;
  }

  private static DeviceTestView result(DeviceStatus device) {
    DeviceStatus.TestResult last = device.lastTest();
    if (last != null && last.failed() != null) {
      return view(device, Result.FAILED, "failed " + last.failed().externalName());
    }
    return isRead(device.state())
        ? view(device, Result.PASSED, null)
        : view(device, Result.FAILED, device.reason());
  }
}
