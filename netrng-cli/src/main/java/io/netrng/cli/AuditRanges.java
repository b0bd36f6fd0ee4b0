// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.ArrayList;
import java.util.List;

/** The recorded ranges of one epoch, in 24 bytes each, because logs have millions of them. */
final class AuditRanges {

  private static final int FIELDS = 3;
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

  private final List<long[]> chunks = new ArrayList<>();
  private int count;

  /**
   * Adds a range.
   *
   * @param offset position of the first byte
   * @param size bytes, more than 0
   * @param session the session's number in this audit
   * @param time the lower 32 bits of the time in milliseconds
   * @param line the line's number in this audit
   */
  void add(long offset, int size, int session, int time, int line) {
    if ((count & CHUNK_MASK) == 0) {
      chunks.add(new long[FIELDS << CHUNK_BITS]);
    }
    long[] chunk = chunks.getLast();
    int at = (count & CHUNK_MASK) * FIELDS;
    chunk[at] = offset;
    chunk[at + 1] = pack(size, session);
    chunk[at + 2] = pack(time, line);
    count++;
  }

  private static long pack(int high, int low) {
    return ((long) high << Integer.SIZE) | Integer.toUnsignedLong(low);
  }

  private long field(int range, int field) {
    return chunks.get(range >>> CHUNK_BITS)[(range & CHUNK_MASK) * FIELDS + field];
  }

  long offset(int range) {
    return field(range, 0);
  }

  int size(int range) {
    return (int) (field(range, 1) >>> Integer.SIZE);
  }

  long end(int range) {
    return offset(range) + size(range);
  }

  int session(int range) {
    return (int) field(range, 1);
  }

  int line(int range) {
    return (int) field(range, 2);
  }

  /** Returns all ranges by offset; equal records are next to one another. */
  int[] sorted() {
    int[] sorted = new int[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = i;
    }
    sort(sorted.clone(), sorted, 0, count);
    return sorted;
  }

  /**
   * Sorts a part by merging. Both arrays contain the same part at the start. The parts of a log are
   * nearly sorted, and sorted halves are only copied.
   */
  private void sort(int[] from, int[] to, int begin, int end) {
    if (end - begin < 2) {
      return;
    }
    int middle = (begin + end) >>> 1;
    sort(to, from, begin, middle);
    sort(to, from, middle, end);
    if (compare(from[middle - 1], from[middle]) <= 0) {
      System.arraycopy(from, begin, to, begin, end - begin);
      return;
    }
    int left = begin;
    int right = middle;
    for (int i = begin; i < end; i++) {
      boolean takeLeft = right == end || (left < middle && compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }

  /** Compares all fields but the line. */
  int compare(int one, int other) {
    int byOffset = Long.compare(offset(one), offset(other));
    int bySize = Long.compare(field(one, 1), field(other, 1));
    return byOffset != 0
        ? byOffset
        : bySize != 0 ? bySize : Integer.compare(time(one), time(other));
  }

  private int time(int range) {
    return (int) (field(range, 2) >>> Integer.SIZE);
  }
}
