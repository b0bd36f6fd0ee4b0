// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.StreamState;
import io.netrng.client.stream.StreamStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * UP while as many servers are live as the client combines, DEGRADED while fewer and at least the
 * minimum.
 */
final class StreamHealth extends AbstractHealthIndicator {

  private static final String DEGRADED = "DEGRADED";

  private final StreamStatus stream;

  StreamHealth(StreamStatus stream) {
    this.stream = stream;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    if (stream.wanted() == 1) {
      health.status(statusOf(stream.state())).withDetails(details(stream.state()));
    } else {
      describeSeveral(health);
    }
    health
        .withDetail("servers", stream.servers().stream().map(ServerAddress::toString).toList())
        .withDetail("receivedBytes", stream.receivedBytes());
  }

  private void describeSeveral(Health.Builder health) {
    int live = stream.live();
    int wanted = stream.wanted();
    int minimum = stream.minimum();
    health.status(
        live == wanted ? Status.UP : live >= minimum ? new Status(DEGRADED) : Status.DOWN);
    if (live < wanted) {
      health.withDetail(
          "reason", "%d of %d servers, at least %d required".formatted(live, wanted, minimum));
    }
    health.withDetail(
        "streams", IntStream.range(0, wanted).mapToObj(this::describeOneOfSeveral).toList());
  }

  private Map<String, Object> describeOneOfSeveral(int number) {
    StreamState state = stream.states().get(number);
    boolean isDropped = stream.isDropped(number);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("status", (isDropped ? Status.DOWN : statusOf(state)).getCode());
    if (isDropped) {
      details.put("reason", "owes samples");
    }
    details.putAll(details(state));
    return details;
  }

  private static Status statusOf(StreamState state) {
    return state instanceof StreamState.Streaming ? Status.UP : Status.DOWN;
  }

  private static Map<String, Object> details(StreamState state) {
    Map<String, Object> details = new LinkedHashMap<>();
    switch (state) {
      case StreamState.Stopped() -> details.put("reason", "not started");
      case StreamState.Searching(var why) -> details.put("reason", why);
      case StreamState.Connecting(var server) -> {
        details.put("reason", "connecting");
        details.put("server", server.toString());
      }
      case StreamState.Streaming(
              var server,
              var session,
              var epoch,
              var size,
              var guarantee,
              var tls) -> {
        details.put("server", server.toString());
        details.put("session", Long.toUnsignedString(session));
        details.put("epoch", epoch.toString());
        details.put("sampleSize", size);
        details.put("guaranteeBytesPerSecond", guarantee);
        tls.ifPresent(parameters -> {
          details.put("tlsVersion", parameters.version());
          details.put("cipherSuite", parameters.cipherSuite());
          details.put("group", parameters.group());
        });
      }
      case StreamState.Waiting(var server, var why, var until) -> {
        details.put("reason", why);
        details.put("server", server.toString());
        details.put("retryAt", until.toString());
      }
    }
    return details;
  }
}
