package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.ClientSession;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A client as administrators see it. */
record ClientView(
    @Schema(description = "The number that WELCOME named, as a string.") String id,
    @Schema(description = "The client's name for people.") String label,
    @Schema(description = "Whom its certificate names; the label over plain TCP.") String identity,
    @Schema(description = "Where it is connected from.") String address,
    @Schema(description = "When it was let in.") Instant since,
    @Schema(description = "The rate that it is promised, in bytes per second; 0 is best effort.")
        long guarantee,
    @Schema(description = "The most that it is given, in bytes per second; not there if unlimited.")
        @Nullable Long ceiling,
    @Schema(description = "What it was given in the last 10 s, in bytes per second.")
        double rate10s,
    @Schema(description = "What it was given in the last 5 min, in bytes per second.")
        double rate5m,
    @Schema(description = "Bytes that it was given since it came.") long delivered,
    @Schema(description = "Samples that it has asked for and not been given yet.") long demand,
    @Schema(
            description =
                "The part of what fell due to it in the last 5 min that it was given, 0 to 1; 1 if"
                    + " nothing did.")
        double attainment,
    @Schema(description = "Bytes that it was promised, waited for and did not get, since it came.")
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
