// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The totals of one session in one log. */
final class AuditSession {

  private static final double MILLIS_PER_SECOND = 1_000;

  private final Key key;
  private final int number;
  private long firstAt = Long.MAX_VALUE;
  private long lastAt = Long.MIN_VALUE;
  private int firstSize;
  private long bytes;
  private long guarantee;
  private @Nullable Long shortfall;
  private long previousAt = Long.MAX_VALUE;
  private long previousEnd;

  /** The log that a range is in. */
  enum RecordType {
    /** A server's: the range was written to a client's socket. */
    DELIVERED,
    /** A server's: the range was handed to an administrator. */
    CAPTURED,
    /** A client's. */
    RECEIVED;

    String externalName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The identity of a session.
   *
   * @param id the number in WELCOME
   * @param peer the client's name or the server's address
   */
  record Key(RecordType type, UUID epoch, long id, String peer) {}

  /**
   * Creates a session without ranges.
   *
   * @param number the session's number in this audit
   */
  AuditSession(Key key, int number) {
    this.key = key;
    this.number = number;
  }

  Key key() {
    return key;
  }

  int number() {
    return number;
  }

  /**
   * Reads the next record in the order of the file. The same record may be read twice.
   *
   * @param at milliseconds since 1970
   * @return whether the offset is below the previous record's end, although the record is later
   */
  boolean read(long at, long offset, int size, long itsGuarantee, @Nullable Long itsShortfall) {
    boolean falls = at > previousAt && offset < previousEnd;
    previousAt = at;
    previousEnd = offset + size;
    if (at < firstAt) {
      firstAt = at;
      firstSize = size;
    }
    if (at >= lastAt) {
      lastAt = at;
      guarantee = itsGuarantee;
      shortfall = itsShortfall;
    }
    return falls;
  }

  /** Counts a range that is no duplicate. */
  void count(int size) {
    bytes += size;
  }

  long bytes() {
    return bytes;
  }

  Instant first() {
    return Instant.ofEpochMilli(firstAt);
  }

  Instant last() {
    return Instant.ofEpochMilli(lastAt);
  }

  long guarantee() {
    return guarantee;
  }

  /** The bytes that were due and not delivered; null in a client's log. */
  @Nullable Long shortfall() {
    return shortfall;
  }

  /** The mean rate from the first record to the last; NaN if there is only one. */
  double rate() {
    return lastAt > firstAt
        ? (bytes - firstSize) / ((lastAt - firstAt) / MILLIS_PER_SECOND)
        : Double.NaN;
  }

  /** The delivered part of the bytes that were due, from 0 to 1; NaN if it is unknown. */
  double attained() {
    Long missing = shortfall;
    return missing == null || bytes + missing == 0
        ? Double.NaN
        : (double) bytes / (bytes + missing);
  }
}
