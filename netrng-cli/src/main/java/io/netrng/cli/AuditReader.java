// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import io.netrng.cli.AuditSession.RecordType;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads audit logs line by line into a trail. A file whose name ends in .gz is decompressed. */
final class AuditReader {

  private final JsonMapper mapper = JsonMapper.shared();
  private final AuditTrail trail;

  AuditReader(AuditTrail trail) {
    this.trail = trail;
  }

  /** A line that is no record. */
  private static final class InvalidLine extends Exception {

    private static final long serialVersionUID = 1;

    InvalidLine(String reason) {
      super(reason);
    }
  }

  /** Keeps the last byte, which tells whether the last line is complete. */
  private static final class LastByte extends FilterInputStream {

    private int last = '\n';

    LastByte(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      if (count > 0) {
        last = buffer[offset + count - 1];
      }
      return count;
    }
  }

  /** Reads one file. */
  void read(Path file) throws CommandFailure {
    trail.beginFile(file.toString());
    try (InputStream raw = Files.newInputStream(file);
        LastByte in =
            new LastByte(file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      while (line != null) {
        String next = reader.readLine();
        trail.beginLine();
        try {
          add(line);
        } catch (InvalidLine e) {
          if (next == null && in.last != '\n') {
            trail.addIncompleteLine();
          } else {
            trail.addBadLine(String.valueOf(e.getMessage()));
          }
        }
        line = next;
      }
    } catch (IOException e) {
      throw new CommandFailure("%s cannot be read: %s".formatted(file, reasonOf(e)), e);
    }
  }

  private static String reasonOf(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getClass().getSimpleName() + ": " + e.getMessage();
    };
  }

  private void add(String text) throws InvalidLine {
    JsonNode line = json(text);
    long at = time(line);
    if (line.has("lost")) {
      trail.addLost(number(line, "lost", 1, Long.MAX_VALUE));
      return;
    }
    RecordType type = type(line);
    long offset = number(line, "offset", 0, Long.MAX_VALUE);
    int size = (int) number(line, "size", 1, Math.min(Integer.MAX_VALUE, Long.MAX_VALUE - offset));
    AuditSession.Key key = new AuditSession.Key(type, epoch(line), session(line), peer(type, line));
    trail.add(
        key,
        at,
        offset,
        size,
        number(line, "guarantee", 0, Long.MAX_VALUE),
        type == RecordType.RECEIVED ? null : (Long) number(line, "shortfall", 0, Long.MAX_VALUE));
  }

  private JsonNode json(String text) throws InvalidLine {
    try {
      JsonNode line = mapper.readTree(text);
      if (line.isObject()) {
        return line;
      }
    } catch (JacksonException e) {
      // The reason is the same as for other JSON.
    }
    throw new InvalidLine("it is not a JSON object");
  }

  private static long time(JsonNode line) throws InvalidLine {
    try {
      return Instant.parse(text(line, "at")).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidLine("'at' is not a time");
    }
  }

  private static RecordType type(JsonNode line) throws InvalidLine {
    String name = text(line, "type");
    for (RecordType type : RecordType.values()) {
      if (type.externalName().equals(name)) {
        return type;
      }
    }
    throw new InvalidLine("the type is unknown");
  }

  private static UUID epoch(JsonNode line) throws InvalidLine {
    try {
      return UUID.fromString(text(line, "epoch"));
    } catch (IllegalArgumentException e) {
      throw new InvalidLine("'epoch' is not a UUID");
    }
  }

  private static long session(JsonNode line) throws InvalidLine {
    try {
      return Long.parseUnsignedLong(text(line, "session"));
    } catch (NumberFormatException e) {
      throw new InvalidLine("'session' is not a number");
    }
  }

  private static String peer(RecordType type, JsonNode line) throws InvalidLine {
    if (type == RecordType.RECEIVED) {
      return text(line, "server");
    }
    String client = text(line, "client");
    String identity = text(line, "identity");
    return client.equals(identity) ? client : "%s (%s)".formatted(identity, client);
  }

  private static long number(JsonNode line, String field, long least, long most)
      throws InvalidLine {
    JsonNode value = line.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new InvalidLine("'%s' is not a whole number".formatted(field));
    }
    if (value.asLong() < least || value.asLong() > most) {
      throw new InvalidLine("'%s' is out of range".formatted(field));
    }
    return value.asLong();
  }

  private static String text(JsonNode line, String field) throws InvalidLine {
    JsonNode value = line.path(field);
    if (!value.isString()) {
      throw new InvalidLine("'%s' is missing".formatted(field));
    }
    return value.asString();
  }
}
