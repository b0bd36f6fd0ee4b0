// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The servers that admit the client, so that each stream has a server of its own. Two servers with
 * one identity, or with one epoch, are the same server. All methods run on the event loop.
 */
final class DistinctServers {

  private final List<Claim> claims = new ArrayList<>();

  /**
   * A server that admits the client.
   *
   * @param attempt whose session it is
   * @param status of the stream; a stream may have two sessions while it returns to a server
   * @param identity from the certificate, otherwise the configured address
   */
  private record Claim(Attempt attempt, StreamStatus.Stream status, String identity, UUID epoch) {

    boolean conflictsWith(Claim other) {
      return status != other.status
          && (identity.equals(other.identity) || epoch.equals(other.epoch));
    }
  }

  /**
   * Reserves a server for a stream.
   *
   * @return the address of the server if another stream has it
   */
  Optional<ServerAddress> claim(
      Attempt attempt, StreamStatus.Stream status, String identity, UUID epoch) {
    Claim claim = new Claim(attempt, status, identity, epoch);
    Optional<Claim> conflict = claims.stream().filter(claim::conflictsWith).findFirst();
    if (conflict.isEmpty()) {
      claims.add(claim);
    }
    return conflict.map(other -> other.attempt.address());
  }

  /** Releases the server of an attempt, if it has one. */
  void release(Attempt attempt) {
    claims.removeIf(claim -> claim.attempt == attempt);
  }
}
