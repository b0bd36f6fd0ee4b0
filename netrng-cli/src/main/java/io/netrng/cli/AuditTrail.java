// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The records of all audit logs, as they are read. */
final class AuditTrail {

  /** The maximum number of findings that are described; all are counted. */
  static final int MOST_DESCRIBED = 20;

  private final TreeMap<Integer, String> filesByFirstLine = new TreeMap<>();
  private final Map<AuditSession.Key, AuditSession> sessionsByKey = new HashMap<>();
  private final List<AuditSession> sessions = new ArrayList<>();
  private final Map<UUID, AuditRanges> epochs = new TreeMap<>();
  private final List<BadLine> badLines = new ArrayList<>();
  private int lines;
  private long records;
  private long lost;
  private long badLineCount;
  private long incompleteLines;

  /**
   * A line that is no record, or breaks the order of its session.
   *
   * @param place the file and the line
   */
  record BadLine(String place, String reason) {}

  /** Starts the next file. */
  void beginFile(String name) {
    filesByFirstLine.put(lines, name);
  }

  /** Starts the next line of the file. */
  void beginLine() {
    lines = Math.incrementExact(lines);
  }

  /**
   * Adds a range from the present line.
   *
   * @param at milliseconds since 1970
   * @param offset position of the first byte, not negative
   * @param size bytes, more than 0
   * @param guarantee bytes per second
   * @param shortfall bytes so far; null in a client's log
   */
  void add(
      AuditSession.Key key,
      long at,
      long offset,
      int size,
      long guarantee,
      @Nullable Long shortfall) {
    AuditSession session = sessionsByKey.computeIfAbsent(key, this::session);
    if (session.read(at, offset, size, guarantee, shortfall)) {
      addBadLine("the offset is lower than that of an earlier record of the session");
    }
    epochs
        .computeIfAbsent(key.epoch(), _ -> new AuditRanges())
        .add(offset, size, session.number(), (int) at, lines);
    records++;
  }

  private AuditSession session(AuditSession.Key key) {
    AuditSession session = new AuditSession(key, sessions.size());
    sessions.add(session);
    return session;
  }

  /** Adds the number of records that an app could not write. */
  void addLost(long count) {
    lost += count;
  }

  /** Adds the present line as a bad one. */
  void addBadLine(String reason) {
    badLineCount++;
    if (badLines.size() < MOST_DESCRIBED) {
      badLines.add(new BadLine(place(lines), reason));
    }
  }

  /** Adds the present line as the incomplete last one of a file that is being written. */
  void addIncompleteLine() {
    incompleteLines++;
  }

  /** Returns the file and the line of a line's number in this audit. */
  String place(int line) {
    Map.Entry<Integer, String> file = Objects.requireNonNull(filesByFirstLine.lowerEntry(line));
    return file.getValue() + ":" + (line - file.getKey());
  }

  /** Returns all sessions, by their numbers. */
  List<AuditSession> sessions() {
    return sessions;
  }

  Map<UUID, AuditRanges> epochs() {
    return epochs;
  }

  /** Returns the first of the bad lines. */
  List<BadLine> badLines() {
    return badLines;
  }

  long badLineCount() {
    return badLineCount;
  }

  long incompleteLines() {
    return incompleteLines;
  }

  long records() {
    return records;
  }

  long lost() {
    return lost;
  }
}
