// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.ClientSession;
import io.netrng.tls.Negotiated;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A client in the API. */
record ClientView(
    String id,
    String label,
    String identity,
    String listener,
    String address,
    @Nullable Negotiated tls,
    Instant since,
    long guarantee,
    @Nullable Long ceiling,
    String state,
    double rate,
    double rate10s,
    double rate5m,
    long delivered,
    long demand,
    double attainment10s,
    double attainment,
    double shortfall) {

  /**
   * Describes a client.
   *
   * @param available whether any device provides samples now
   */
  static ClientView of(ClientSession client, boolean available) {
    return new ClientView(
        Long.toUnsignedString(client.id()),
        client.label(),
        client.identity().name(),
        client.listener().externalName(),
        Address.text(client.address()),
        client.tls().orElse(null),
        client.since(),
        client.guarantee(),
        client.ceiling() == Distributor.NO_CEILING ? null : client.ceiling(),
        client.state(available).externalName(),
        client.rate(),
        client.shortRate(),
        client.longRate(),
        client.delivered(),
        client.demand(),
        client.shortAttainment(),
        client.attainment(),
        client.shortfall());
  }
}
