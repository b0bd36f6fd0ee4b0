// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.Candidates.Candidate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The servers that admit the client, so that each stream has a server of its own. Two servers with
 * one identity, or with one epoch, are the same server. All methods run on the event loop.
 */
final class DistinctServers {

  private final ServerIdentity identities;
  private final List<Claim> claims = new ArrayList<>();

  /** Makes an instance without servers. */
  DistinctServers(ServerIdentity identities) {
    this.identities = identities;
  }

  /**
   * A server that admits the client.
   *
   * @param attempt whose session it is
   * @param status of the stream; a stream may have two sessions while it returns to a server
   * @param identity from the certificate, otherwise the configured address
   * @param refused the servers that are this one
   */
  private record Claim(
      Attempt attempt,
      StreamStatus.Stream status,
      String identity,
      UUID epoch,
      List<Candidate> refused) {

    boolean conflictsWith(Claim other) {
      return status != other.status
          && (identity.equals(other.identity) || epoch.equals(other.epoch));
    }
  }

  /**
   * Reserves a server for a stream.
   *
   * @param certificate of the server; empty without TLS
   * @return the address of the server if another stream has it
   */
  Optional<ServerAddress> claim(
      Attempt attempt,
      StreamStatus.Stream status,
      Optional<X509Certificate> certificate,
      UUID epoch) {
    Candidate candidate = attempt.candidate();
    String identity =
        certificate.map(identities::of).orElseGet(() -> candidate.server().toString());
    Claim claim = new Claim(attempt, status, identity, epoch, new ArrayList<>());
    Optional<Claim> conflict = claims.stream().filter(claim::conflictsWith).findFirst();
    conflict.ifPresentOrElse(other -> other.refused.add(candidate), () -> claims.add(claim));
    return conflict.map(other -> other.attempt.address());
  }

  /**
   * Releases the server of an attempt, if it has one. The pauses of its other addresses end,
   * because they can replace it.
   */
  void release(Attempt attempt, long nanoTime) {
    claims.removeIf(claim -> {
      boolean isReleased = claim.attempt == attempt;
      if (isReleased) {
        claim.refused.forEach(candidate -> candidate.endPause(nanoTime));
      }
      return isReleased;
    });
  }
}
