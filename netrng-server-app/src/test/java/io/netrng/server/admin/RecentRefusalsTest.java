// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.protocol.CloseCode;
import io.netrng.server.admin.RecentRefusals.Refusal;
import io.netrng.server.session.SessionEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentRefusalsTest {

  private static final Instant START = Instant.parse("2026-11-29T12:00:00Z");

  private Instant now = START;
  private final RecentRefusals refusals = new RecentRefusals(() -> now);

  private void refuse(CloseCode code, @Nullable String name, int port) {
    refusals.on(
        new SessionEvent.Refused(
            code,
            "reason of port " + port,
            new SessionEvent.Applicant(
                new InetSocketAddress("192.0.2.7", port),
                name,
                name == null ? null : name + "-l")));
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void countsTheRefusalsOfAClientByReason() {
    // when
    refuse(CloseCode.CAPACITY, "web-1", 1);
    pass(Duration.ofSeconds(5));
    refuse(CloseCode.CAPACITY, "web-1", 2);
    pass(Duration.ofSeconds(5));
    refuse(CloseCode.MAX_CLIENTS, "web-1", 3);

    // then
    assertThat(refusals.list())
        .containsExactly(
            new Refusal(
                "max-clients", "web-1-l", "web-1", "192.0.2.7:3", "reason of port 3", 1, now, now),
            new Refusal(
                "capacity",
                "web-1-l",
                "web-1",
                "192.0.2.7:2",
                "reason of port 2",
                2,
                START,
                START.plusSeconds(5)));
  }

  @Test
  void countsConnectionsWithoutHelloByTheirHost() {
    refuse(CloseCode.PROTOCOL_ERROR, null, 1);
    refuse(CloseCode.PROTOCOL_ERROR, null, 2);
    assertThat(refusals.list())
        .singleElement()
        .satisfies(refusal -> {
          assertThat(refusal.count()).isEqualTo(2);
          assertThat(refusal.client()).isNull();
          assertThat(refusal.address()).isEqualTo("192.0.2.7:2");
        });
  }

  @Test
  void forgetsAClientAfterTheLastRefusal() {
    refuse(CloseCode.CAPACITY, "web-1", 1);
    pass(RecentRefusals.REMEMBERED);
    assertThat(refusals.list()).hasSize(1);
    pass(Duration.ofMillis(1));
    assertThat(refusals.list()).isEmpty();
  }

  @Test
  void countsFurtherClientsTogetherWhenTheListIsFull() {
    // when
    for (int i = 0; i < RecentRefusals.MOST + 7; i++) {
      refuse(CloseCode.CAPACITY, "web-" + i, i);
      pass(Duration.ofMillis(1));
    }

    // then
    assertThat(refusals.list()).hasSize(RecentRefusals.MOST + 1);
    assertThat(refusals.list().getFirst())
        .satisfies(others -> {
          assertThat(others.reason()).isEqualTo("capacity");
          assertThat(others.client()).isNull();
          assertThat(others.address()).isNull();
          assertThat(others.count()).isEqualTo(7);
        });
  }
}
