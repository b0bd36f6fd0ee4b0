// SPDX-License-Identifier: Apache-2.0
package io.netrng.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(OutputCaptureExtension.class)
class AuditLogTest {

  private static final String PROPERTY = "netrng.server.audit.file";
  private static final int SIZE = 2_048;

  @TempDir private Path directory;

  private final AuditSession one = session(1);
  private final AuditSession other = session(2);

  private static AuditSession session(long id) {
    return AuditSession.delivered(new UUID(0, 7), id, "web-1", "\"web\"", () -> 64, () -> 9.6);
  }

  private Path file() {
    return directory.resolve("logs").resolve("audit.log");
  }

  private AuditLog open() throws IOException {
    Files.createDirectories(file().getParent());
    return AuditLog.open(PROPERTY, file(), 1 << 20, 2);
  }

  /** The lines, as offset+size@session, or the number of lost records. */
  private static List<String> runs(Path file) throws IOException {
    List<String> runs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode json = JsonMapper.shared().readTree(line);
      runs.add(
          json.has("lost")
              ? "lost " + json.path("lost").asLong()
              : "%d+%d@%s"
                  .formatted(
                      json.path("offset").asLong(),
                      json.path("size").asLong(),
                      json.path("session").asString()));
    }
    return runs;
  }

  @Test
  void writesOneLineWithAllFieldsOfADelivery() throws Exception {
    try (AuditLog log = open()) {
      log.append(session(-1), 100, SIZE);
    }
    assertThat(Files.readString(file()))
        .matches("\\{\"at\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z\",.*\n")
        .endsWith(
            ",\"type\":\"delivered\",\"epoch\":\"00000000-0000-0000-0000-000000000007\",\"offset\":100,"
                + "\"size\":2048,\"session\":\"18446744073709551615\",\"client\":\"web-1\","
                + "\"identity\":\"\\\"web\\\"\",\"guarantee\":64,\"shortfall\":10}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-r-----");
  }

  @Test
  void mergesContiguousRecordsOfOneSession() throws Exception {
    try (AuditLog log = open()) {
      log.append(one, 0, SIZE);
      log.append(one, SIZE, SIZE);
      log.append(one, 3 * SIZE, SIZE);
      log.append(other, 4 * SIZE, SIZE);
      log.append(other, 5 * SIZE, SIZE);
      assertThat(log.lost()).isZero();
    }
    assertThat(runs(file())).containsExactly("0+4096@1", "6144+2048@1", "8192+4096@2");
  }

  @Test
  void endsAMergedRecordAt16Mebibytes() throws Exception {
    int part = 1 << 22;
    try (AuditLog log = open()) {
      for (int i = 0; i < 5; i++) {
        log.append(one, (long) i * part, part);
      }
    }
    assertThat(runs(file())).containsExactly("0+16777216@1", "16777216+4194304@1");
  }

  @Test
  void writesARecordWithinSecondsWithoutANextOne() throws Exception {
    try (AuditLog log = open()) {
      log.append(one, 0, SIZE);
      await("the record is in the file").until(() -> runs(file()).equals(List.of("0+2048@1")));
      log.append(one, SIZE, SIZE);
      await("the next is too").until(() -> runs(file()).size() == 2);
    }
  }

  @Test
  void rotatesFilesBySizeAndDeletesTheOldest() throws Exception {
    Files.createDirectories(file().getParent());
    try (AuditFile log = new AuditFile(file(), 10, 3)) {
      for (String line : List.of("first", "second", "third", "4th", "5th", "6th")) {
        log.append(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      }
    }
    assertThat(file()).hasContent("5th\n6th\n");
    assertThat(file().resolveSibling("audit.log.1")).hasContent("third\n4th\n");
    assertThat(file().resolveSibling("audit.log.2")).hasContent("second\n");
    assertThat(file().resolveSibling("audit.log.3")).doesNotExist();
  }

  @Test
  void appendsToAnExistingFileAfterRemovingAnIncompleteLine() throws Exception {
    try (AuditLog log = open()) {
      log.append(one, 0, SIZE);
    }
    String whole = Files.readString(file());
    Files.writeString(file(), whole + whole.substring(0, 40));
    try (AuditLog log = open()) {
      log.append(one, SIZE, SIZE);
    }
    assertThat(runs(file())).containsExactly("0+2048@1", "2048+2048@1");
  }

  @Test
  void createsANewFileAfterItWasMovedAway() throws Exception {
    Path moved = file().resolveSibling("moved.log");
    try (AuditLog log = open()) {
      log.append(one, 0, SIZE);
      await("the first is written").until(() -> Files.size(file()) > 0);
      Files.move(file(), moved);
      log.append(one, SIZE, SIZE);
    }
    assertThat(runs(moved)).containsExactly("0+2048@1");
    assertThat(runs(file())).containsExactly("2048+2048@1");
  }

  @Test
  void countsLostRecordsWhileTheDirectoryIsGoneAndNotesThemInTheFile(CapturedOutput output)
      throws Exception {
    try (AuditLog log = open()) {
      // when
      Files.delete(file());
      Files.delete(file().getParent());
      log.append(one, 0, SIZE);
      log.append(one, SIZE, SIZE);
      log.append(other, 2 * SIZE, SIZE);

      // then
      await("the records are lost").until(() -> log.lost() == 3);
      await("a warning names the file and the reason")
          .untilAsserted(() ->
              assertThat(output)
                  .contains("audit records are lost; check the file's directory and disk")
                  .contains(
                      "file=\"" + file() + "\"", "reason=\"no such directory\"", "lost=\"3\""));

      // when
      Files.createDirectory(file().getParent());
      log.append(one, 3 * SIZE, SIZE);
      await("the file is written again")
          .until(() -> Files.exists(file()) && !runs(file()).isEmpty());
      log.append(one, 4 * SIZE, SIZE);
    }

    // then
    assertThat(runs(file())).containsExactly("6144+2048@1", "lost 3", "8192+2048@1");
    assertThat(output).contains("audit log is written again");
  }

  @Test
  void countsRecordsBeyondTheQueueAsLostAndNeverBlocks(CapturedOutput output) throws Exception {
    // given a writer that does not run yet
    Files.createDirectories(file().getParent());
    AuditWriter writer = new AuditWriter(new AuditFile(file(), 1 << 20, 2), 2);

    // when
    for (int i = 0; i < 5; i++) {
      writer.append(one, (long) i * SIZE, SIZE);
    }

    // then
    assertThat(writer.lost()).isEqualTo(3);
    assertThat(output).contains("reason=\"the disk is slower than the stream\"");

    // when
    writer.start();
    writer.close();

    // then
    assertThat(runs(file())).containsExactly("0+4096@1", "lost 3");
  }

  @Test
  void ignoresAllRecordsIfNoFileIsSet() {
    try (AuditLog log = AuditLog.open(PROPERTY, null, 1, 2)) {
      log.append(one, 0, SIZE);
      assertThat(log.lost()).isZero();
    }
  }

  @Test
  void refusesAFileThatCannotBeOpened() throws Exception {
    Path missing = directory.resolve("none").resolve("audit.log");
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> AuditLog.open(PROPERTY, missing, 1, 2))
        .withMessage(PROPERTY + " = " + missing + " cannot be opened: no such directory.")
        .satisfies(failure -> assertThat(failure.cure()).contains(PROPERTY));
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> AuditLog.open(PROPERTY, directory, 1, 2))
        .withMessageContaining("not a regular file");
  }

  @Test
  void refusesAndKeepsAFileThatIsNoAuditLog() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "one line\nand another");
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> AuditLog.open(PROPERTY, text, 1, 2))
        .withMessageContaining("it is not an audit log");
    assertThat(text).hasContent("one line\nand another");
  }
}
