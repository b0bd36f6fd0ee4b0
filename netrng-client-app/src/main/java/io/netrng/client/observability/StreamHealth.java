// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.stream.StreamState;
import io.netrng.client.stream.StreamStatus;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** UP while the client is admitted by a server. */
final class StreamHealth extends AbstractHealthIndicator {

  private final StreamStatus stream;

  StreamHealth(StreamStatus stream) {
    this.stream = stream;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    switch (stream.state()) {
      case StreamState.Stopped() -> health.down().withDetail("reason", "not started");
      case StreamState.Connecting(var server) ->
          health.down().withDetail("reason", "connecting").withDetail("server", server.toString());
      case StreamState.Streaming(var server, var session, var epoch, var size, var guarantee) ->
          health
              .up()
              .withDetail("server", server.toString())
              .withDetail("session", Long.toUnsignedString(session))
              .withDetail("epoch", epoch.toString())
              .withDetail("sampleSize", size)
              .withDetail("guaranteeBytesPerSecond", guarantee);
      case StreamState.Waiting(var server, var why, var until) ->
          health
              .down()
              .withDetail("reason", why)
              .withDetail("server", server.toString())
              .withDetail("retryAt", until.toString());
    }
    health.withDetail("receivedBytes", stream.receivedBytes());
  }
}
