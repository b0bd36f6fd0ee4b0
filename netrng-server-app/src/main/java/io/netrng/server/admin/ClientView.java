// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.ClientSession;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A client in the API. */
record ClientView(
    String id,
    String label,
    String identity,
    String address,
    Instant since,
    long guarantee,
    @Nullable Long ceiling,
    double rate10s,
    double rate5m,
    long delivered,
    long demand,
    double attainment,
    double shortfall) {

  static ClientView of(ClientSession client) {
    return new ClientView(
        Long.toUnsignedString(client.id()),
        client.label(),
        client.identity().name(),
        Address.text(client.address()),
        client.since(),
        client.guarantee(),
        client.ceiling() == Distributor.NO_CEILING ? null : client.ceiling(),
        client.shortRate(),
        client.longRate(),
        client.delivered(),
        client.demand(),
        client.attainment(),
        client.shortfall());
  }
}
