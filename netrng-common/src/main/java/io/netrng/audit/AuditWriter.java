// SPDX-License-Identifier: Apache-2.0
package io.netrng.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes records to the file on a thread of its own, about once per second. Contiguous records of a
 * session become one line. A record is lost if the queue is full or its line cannot be written.
 * After a loss, the next line that can be written contains the number of lost records.
 */
final class AuditWriter {

  private static final Logger log = LoggerFactory.getLogger(AuditWriter.class);

  /** Some seconds of the batches of a fast device. */
  static final int QUEUE_CAPACITY = 64 * 1024;

  /** The maximum size of a merged record, in bytes of the stream. */
  static final long LONGEST_RUN = 16L * 1024 * 1024;

  /** The size of unwritten lines, in bytes, above which they are written at once. */
  private static final int FULL_BUFFER = 64 * 1024;

  private static final long FLUSH_INTERVAL = Duration.ofSeconds(1).toNanos();
  private static final long LOG_INTERVAL = Duration.ofMinutes(1).toNanos();
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  /** Ends the thread. */
  private static final Run END = new Run(AuditSession.captured(new UUID(0, 0), ""), 0, 0, 0, 0);

  private final AuditFile file;
  private final BlockingQueue<Run> queue;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong warnedAt = new AtomicLong(System.nanoTime() - LOG_INTERVAL);
  private final Thread thread = new Thread(this::run, "netrng-audit");

  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private @Nullable Run pending;
  private long recordsInLines;
  private long lostInFile;
  private long flushAt;

  /**
   * A contiguous range of a session.
   *
   * @param at the time of the last record, in milliseconds since 1970
   * @param records the number of merged records
   */
  private record Run(AuditSession session, long offset, long size, long at, int records) {

    /** Whether this is {@link #END}. */
    boolean isEnd() {
      return records == 0;
    }

    boolean isContinuedBy(Run next) {
      return session == next.session
          && offset + size == next.offset
          && size + next.size <= LONGEST_RUN;
    }

    Run with(Run next) {
      return new Run(session, offset, size + next.size, next.at, records + next.records);
    }
  }

  AuditWriter(AuditFile file, int queueCapacity) {
    this.file = file;
    queue = new ArrayBlockingQueue<>(queueCapacity);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The number of lost records. May be called from any thread. */
  long lost() {
    return lost.get();
  }

  /** Adds a record, or counts it as lost. Never blocks; may be called from any thread. */
  void append(AuditSession session, long offset, int size) {
    if (!queue.offer(new Run(session, offset, size, System.currentTimeMillis(), 1))) {
      lost.incrementAndGet();
      warn("the disk is slower than the stream");
    }
  }

  /** Writes the records so far and closes the file. */
  void close() throws InterruptedException {
    if (queue.offer(END, STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
      thread.join(STOP_WITHIN);
    }
  }

  private void run() {
    try {
      Run next = queue.take();
      while (!next.isEnd()) {
        add(next);
        next = queue.poll(flushAt - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null || lines.size() >= FULL_BUFFER || flushAt - System.nanoTime() <= 0) {
          flush();
          next = next == null ? queue.take() : next;
        }
      }
      flush();
      file.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      warn(AuditFile.reasonOf(e));
    }
  }

  private void add(Run next) {
    Run last = pending;
    if (last == null && lines.size() == 0) {
      flushAt = System.nanoTime() + FLUSH_INTERVAL;
    }
    if (last != null && last.isContinuedBy(next)) {
      pending = last.with(next);
      return;
    }
    endRun();
    pending = next;
  }

  private void endRun() {
    Run last = pending;
    if (last != null) {
      ObjectNode line = line(last.at);
      last.session.describe(line, last.offset, last.size);
      add(line);
      recordsInLines += last.records;
      pending = null;
    }
  }

  private void flush() {
    endRun();
    long missing = lost.get() - lostInFile;
    if (missing > 0) {
      add(line(System.currentTimeMillis()).put("lost", missing));
    }
    try {
      file.append(ByteBuffer.wrap(lines.toByteArray()));
      if (missing > 0) {
        lostInFile += missing;
        log.atInfo()
            .addKeyValue("file", file.path())
            .addKeyValue("lost", missing)
            .log("audit log is written again");
      }
    } catch (IOException e) {
      lost.addAndGet(recordsInLines);
      warn(AuditFile.reasonOf(e));
    }
    lines.reset();
    recordsInLines = 0;
  }

  private static ObjectNode line(long at) {
    return JsonMapper.shared().createObjectNode().put("at", Instant.ofEpochMilli(at).toString());
  }

  private void add(ObjectNode line) {
    lines.writeBytes(line.toString().concat("\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Logs a loss, at most once per minute. */
  private void warn(String reason) {
    long now = System.nanoTime();
    long last = warnedAt.get();
    if (now - last >= LOG_INTERVAL && warnedAt.compareAndSet(last, now)) {
      log.atWarn()
          .addKeyValue("file", file.path())
          .addKeyValue("reason", reason)
          .addKeyValue("lost", lost.get())
          .log("audit records are lost; check the file's directory and disk");
    }
  }
}
