// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import io.netrng.cli.AuditSession.RecordType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The check that no byte of the stream was delivered twice. Per epoch, the delivered and captured
 * ranges must be disjoint, the received ranges must be disjoint, and a received range must not
 * intersect one that was delivered in another session. The same record twice, such as in a copy of
 * a log, counts as one.
 */
final class AuditCheck {

  private static final int NONE = -1;

  private final AuditTrail trail;
  private final List<Overlap> overlaps = new ArrayList<>();
  private final List<UUID> epochsWithoutServer = new ArrayList<>();
  private final Map<RecordType, Long> bytes = new EnumMap<>(RecordType.class);
  private long overlapCount;
  private long duplicates;
  private long notDelivered;

  /**
   * A record in the report.
   *
   * @param place the file and the line
   */
  record Range(String place, AuditSession session, long offset, int size) {}

  /** Two records that share bytes. */
  record Overlap(Range first, Range second) {}

  /** Checks all epochs. */
  AuditCheck(AuditTrail trail) {
    this.trail = trail;
    trail.epochs().forEach(this::check);
  }

  /**
   * Visits the ranges by their offsets. Of each kind it keeps the one with the highest end. If the
   * ranges of a kind are disjoint, no earlier one of that kind can intersect the present range.
   */
  private void check(UUID epoch, AuditRanges ranges) {
    int previous = NONE;
    int sent = NONE;
    int received = NONE;
    long matched = 0;
    long receivedBytes = 0;
    for (int range : ranges.sorted()) {
      if (previous != NONE && ranges.compare(previous, range) == 0) {
        duplicates++;
        continue;
      }
      previous = range;
      AuditSession session = trail.sessions().get(ranges.session(range));
      RecordType type = session.key().type();
      session.count(ranges.size(range));
      bytes.merge(type, (long) ranges.size(range), Long::sum);
      boolean isReceived = type == RecordType.RECEIVED;
      int same = isReceived ? received : sent;
      int other = isReceived ? sent : received;
      if (shared(ranges, same, range) > 0) {
        add(ranges, same, range);
      }
      long common = shared(ranges, other, range);
      if (common > 0) {
        matched += common;
        if (!isSameSession(ranges, other, range)) {
          add(ranges, other, range);
        }
      }
      boolean isHighest = same == NONE || ranges.end(range) > ranges.end(same);
      if (isReceived) {
        receivedBytes += ranges.size(range);
        received = isHighest ? range : received;
      } else {
        sent = isHighest ? range : sent;
      }
    }
    if (sent == NONE) {
      epochsWithoutServer.add(epoch);
    } else {
      notDelivered += Math.max(0, receivedBytes - matched);
    }
  }

  /** Returns how many bytes of a range an earlier one contains. */
  private static long shared(AuditRanges ranges, int earlier, int range) {
    return earlier == NONE
        ? 0
        : Math.min(ranges.end(earlier), ranges.end(range)) - ranges.offset(range);
  }

  /** Whether a server's and a client's record are of one session. No client has a capture's. */
  private boolean isSameSession(AuditRanges ranges, int one, int other) {
    AuditSession.Key key = trail.sessions().get(ranges.session(one)).key();
    AuditSession.Key otherKey = trail.sessions().get(ranges.session(other)).key();
    return key.id() == otherKey.id()
        && key.type() != RecordType.CAPTURED
        && otherKey.type() != RecordType.CAPTURED;
  }

  private void add(AuditRanges ranges, int first, int second) {
    overlapCount++;
    if (overlaps.size() < AuditTrail.MOST_DESCRIBED) {
      overlaps.add(new Overlap(range(ranges, first), range(ranges, second)));
    }
  }

  private Range range(AuditRanges ranges, int range) {
    return new Range(
        trail.place(ranges.line(range)),
        trail.sessions().get(ranges.session(range)),
        ranges.offset(range),
        ranges.size(range));
  }

  /** Returns the first of the overlaps. */
  List<Overlap> overlaps() {
    return overlaps;
  }

  long overlapCount() {
    return overlapCount;
  }

  long duplicates() {
    return duplicates;
  }

  /** Returns the bytes of all records of a type, without duplicates. */
  long bytes(RecordType type) {
    return bytes.getOrDefault(type, 0L);
  }

  /** Received bytes that are not in the server's log, of the epochs with a server's log. */
  long notDelivered() {
    return notDelivered;
  }

  /** Returns the epochs of which there are only clients' logs. */
  List<UUID> epochsWithoutServer() {
    return epochsWithoutServer;
  }
}
