// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.Admission.Reservation;
import io.netrng.server.session.Admission.Verdict;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.server.source.Source.Availability;
import io.netrng.startup.InvalidPropertyException;
import io.netrng.unit.DataRate;
import io.netrng.unit.Percentage;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

  private Availability availability = new Availability.Available();
  private double capacity = 1_000;
  private int exceeded;
  private long now;

  private static ClientPolicy policy(
      String name, @Nullable Long guarantee, @Nullable Long ceiling, @Nullable Integer most) {
    return new ClientPolicy(
        name,
        guarantee == null ? null : new DataRate(guarantee),
        ceiling == null ? null : new DataRate(ceiling),
        most);
  }

  private static SessionProperties properties(
      int maxClients, long guarantee, ClientPolicy... policies) {
    return new SessionProperties(
        "127.0.0.1",
        0,
        maxClients,
        new DataRate(guarantee),
        new DataRate(5_000),
        Percentage.valueOf("10%"),
        List.of(policies),
        Duration.ofSeconds(10));
  }

  private Admission admission(SessionProperties properties) {
    return new Admission(
        properties, () -> availability, () -> capacity, () -> exceeded++, () -> now, new Random(1));
  }

  private static Reservation granted(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Reservation.class);
    return (Reservation) verdict;
  }

  private static Close refused(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).close();
  }

  @Nested
  class ByCapacity {

    @Test
    void theSumOfTheGuaranteesStaysWithinCapacityLessHeadroom() {
      // given
      Admission admission = admission(properties(100, 300));
      granted(admission.admit(new Hello(0, "a")));
      Reservation second = granted(admission.admit(new Hello(0, "b")));
      granted(admission.admit(new Hello(300, "c")));
      assertThat(admission.promised()).isEqualTo(900);

      // when
      Close close = refused(admission.admit(new Hello(1, "d")));

      // then
      assertThat(close.code()).isEqualTo(CloseCode.CAPACITY);
      assertThat(exceeded).isEqualTo(1);
      assertThat(close.retryAfterMillis()).isBetween(2_000L, 4_000L);
      assertThat(close.reason())
          .contains("1B/s", "900B/s", "netrng.server.capacity", "netrng.server.headroom");

      // and when one reservation is released twice
      second.release();
      second.release();

      // then
      assertThat(admission.promised()).isEqualTo(600);
      assertThat(second.change(1, 5_000)).hasValue("the client has disconnected");
      assertThat(granted(admission.admit(new Hello(299, "d"))).guarantee()).isEqualTo(299);
      assertThat(admission.promised()).isEqualTo(899);
    }

    @Test
    void admitsABestEffortClientWithoutCapacity() {
      Admission admission = admission(properties(100, 0));
      capacity = 0;
      assertThat(granted(admission.admit(new Hello(0, "a"))).guarantee()).isZero();
    }

    @Test
    void refusesNewGuaranteesWhileCapacityIsBelowThePromisedSum() {
      Admission admission = admission(properties(100, 300));
      granted(admission.admit(new Hello(0, "a")));
      capacity = 200;
      assertThat(refused(admission.admit(new Hello(1, "b"))).code()).isEqualTo(CloseCode.CAPACITY);
      capacity = 1_000;
      granted(admission.admit(new Hello(1, "b")));
    }

    @Test
    void theRetryDelayGrowsWithTheNumberOfRecentRefusals() {
      // given
      Admission admission = admission(properties(100, 300));
      capacity = 0;

      // when a thousand clients connect at once
      long last = 0;
      for (int i = 0; i < 1_000; i++) {
        last = refused(admission.admit(new Hello(0, "a"))).retryAfterMillis();
      }

      // then
      assertThat(last).isBetween(300_000L, 700_000L);

      // and when no client connects for ten minutes
      now += TimeUnit.MINUTES.toNanos(10);

      // then
      assertThat(refused(admission.admit(new Hello(0, "a"))).retryAfterMillis())
          .isBetween(2_000L, 4_100L);
    }
  }

  @Nested
  class ByPolicy {

    private final Admission admission =
        admission(
            properties(
                100,
                64,
                policy("pod-*", 100L, null, 2),
                policy("pod-7*", 70L, 7_000L, null),
                policy("pod-77", 77L, null, null),
                policy("guest", 0L, null, null)));

    @Test
    void anExactNameTakesPrecedenceOverPatternsAndALongPatternOverAShortOne() {
      assertThat(granted(admission.admit(new Hello(0, "pod-1"))))
          .extracting(Reservation::guarantee, Reservation::ceiling)
          .containsExactly(100L, 5_000L);
      assertThat(granted(admission.admit(new Hello(0, "pod-78"))))
          .extracting(Reservation::guarantee, Reservation::ceiling)
          .containsExactly(70L, 7_000L);
      assertThat(granted(admission.admit(new Hello(0, "pod-77"))))
          .extracting(Reservation::guarantee, Reservation::ceiling)
          .containsExactly(77L, 5_000L);
      assertThat(granted(admission.admit(new Hello(0, "other"))))
          .extracting(Reservation::guarantee, Reservation::ceiling)
          .containsExactly(64L, 5_000L);
    }

    @Test
    void grantsARequestedGuaranteeUpToThePolicyAndRefusesAHigherOne() {
      assertThat(granted(admission.admit(new Hello(100, "pod-1"))).guarantee()).isEqualTo(100);
      assertThat(granted(admission.admit(new Hello(9, "pod-2"))).guarantee()).isEqualTo(9);
      Close close = refused(admission.admit(new Hello(101, "pod-3")));
      assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED);
      assertThat(close.retryAfterMillis()).isEqualTo(Close.NEVER);
      assertThat(close.reason()).contains("101B/s", "100B/s");
      assertThat(refused(admission.admit(new Hello(1, "guest"))).code())
          .isEqualTo(CloseCode.NOT_AUTHORISED);
    }

    @Test
    void refusesConnectionsOfAnIdentityAboveItsMaximum() {
      Reservation first = granted(admission.admit(new Hello(1, "pod-1")));
      granted(admission.admit(new Hello(1, "pod-1")));
      granted(admission.admit(new Hello(1, "pod-2")));
      Close close = refused(admission.admit(new Hello(1, "pod-1")));
      assertThat(close.code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS);
      assertThat(close.reason()).contains("2 of 2", "max-connections");
      first.release();
      granted(admission.admit(new Hello(1, "pod-1")));
    }

    @Test
    void setsNoCeilingWhenNoneIsConfigured() {
      SessionProperties unset =
          new SessionProperties(
              "127.0.0.1",
              0,
              1,
              new DataRate(64),
              null,
              Percentage.valueOf("0%"),
              List.of(),
              Duration.ofSeconds(10));
      assertThat(granted(admission(unset).admit(new Hello(0, "a"))).ceiling())
          .isEqualTo(Distributor.NO_CEILING);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "a*b",
          "a b",
          "**",
          "http://a/b",
          "spiffe://a",
          "spiffe://a/b/",
          "spiffe://a/*/b",
          "spiffe://a/b?*"
        })
    void rejectsAPolicyNameThatCannotMatchAnyClient(String name) {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> policy(name, null, null, null))
          .withMessageContaining("netrng.server.clients[].name");
    }

    @Test
    void rejectsPoliciesWithValuesOutOfRangeOrADuplicateName() {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> policy("a", 1L << 32, null, null))
          .withMessageContaining("guarantee of a");
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> policy("a", null, 0L, null))
          .withMessageContaining("ceiling of a");
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> policy("a", null, null, 0))
          .withMessageContaining("max-connections of a");
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(
              () -> properties(1, 1, policy("a", 1L, null, null), policy("a", 2L, null, null)))
          .withMessageContaining("once");
    }
  }

  @Nested
  class ByAvailability {

    @Test
    void refusesClientsForAtLeastTheExpectedWaitWhileThereIsNoEntropy() {
      Admission admission = admission(properties(100, 64));
      availability = new Availability.Expected(Duration.ofSeconds(30));
      Close close = refused(admission.admit(new Hello(0, "a")));
      assertThat(close.code()).isEqualTo(CloseCode.NO_ENTROPY);
      assertThat(close.retryAfterMillis()).isBetween(30_000L, 60_000L);
    }

    @Test
    void refusesAClientAboveTheMaximumAndNamesTheLimit() {
      Admission admission = admission(properties(1, 64));
      Reservation only = granted(admission.admit(new Hello(0, "a")));
      Close close = refused(admission.admit(new Hello(0, "b")));
      assertThat(close.code()).isEqualTo(CloseCode.MAX_CLIENTS);
      assertThat(close.reason()).contains("1 of 1", "netrng.server.max-clients");
      only.release();
      granted(admission.admit(new Hello(0, "b")));
    }
  }
}
