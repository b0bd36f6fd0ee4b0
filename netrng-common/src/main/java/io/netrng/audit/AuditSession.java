// SPDX-License-Identifier: Apache-2.0
package io.netrng.audit;

import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields that all audit records of one session share. The suppliers are read on the thread of
 * the log when it writes a line.
 */
public final class AuditSession {

  private final String type;
  private final UUID epoch;
  private final long id;
  private final @Nullable String client;
  private final @Nullable String identity;
  private final @Nullable String server;
  private final LongSupplier guarantee;
  private final @Nullable DoubleSupplier shortfall;

  private AuditSession(
      String type,
      UUID epoch,
      long id,
      @Nullable String client,
      @Nullable String identity,
      @Nullable String server,
      LongSupplier guarantee,
      @Nullable DoubleSupplier shortfall) {
    this.type = type;
    this.epoch = epoch;
    this.id = id;
    this.client = client;
    this.identity = identity;
    this.server = server;
    this.guarantee = guarantee;
    this.shortfall = shortfall;
  }

  /**
   * A session of a server, whose samples were written to a client's socket.
   *
   * @param guarantee bytes per second
   * @param shortfall bytes that were due to the client and not delivered so far
   */
  public static AuditSession delivered(
      UUID epoch,
      long id,
      String client,
      String identity,
      LongSupplier guarantee,
      DoubleSupplier shortfall) {
    return new AuditSession("delivered", epoch, id, client, identity, null, guarantee, shortfall);
  }

  /** A capture, whose samples were handed to an administrator. It has no number in the protocol. */
  public static AuditSession captured(UUID epoch, String administrator) {
    return new AuditSession("captured", epoch, 0, "capture", administrator, null, () -> 0, () -> 0);
  }

  /**
   * A session of a client, which received samples of a server.
   *
   * @param server host:port
   * @param guarantee the guarantee in WELCOME, in bytes per second
   */
  public static AuditSession received(UUID epoch, long id, String server, long guarantee) {
    return new AuditSession("received", epoch, id, null, null, server, () -> guarantee, null);
  }

  /**
   * Adds the fields to a line. The session is a string because JSON readers round large numbers.
   */
  void describe(ObjectNode line, long offset, long size) {
    line.put("type", type)
        .put("epoch", epoch.toString())
        .put("offset", offset)
        .put("size", size)
        .put("session", Long.toUnsignedString(id));
    putPresent(line, "client", client);
    putPresent(line, "identity", identity);
    putPresent(line, "server", server);
    line.put("guarantee", guarantee.getAsLong());
    if (shortfall != null) {
      line.put("shortfall", Math.round(shortfall.getAsDouble()));
    }
  }

  private static void putPresent(ObjectNode line, String field, @Nullable String value) {
    if (value != null) {
      line.put(field, value);
    }
  }
}
