// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditCommandTest {

  private static final String EPOCH = "3f2a0c11-0000-4000-8000-000000000001";

  @TempDir private Path dir;

  private record Result(int exitCode, String out, String err) {}

  private static Result audit(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Netrng.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode =
        commandLine.execute(
            Stream.concat(Stream.of("audit"), Stream.of(arguments).map(Object::toString))
                .toArray(String[]::new));
    return new Result(exitCode, out.toString(), err.toString());
  }

  private static String delivered(int second, long offset, int size, String session) {
    return sent("delivered", second, offset, size, session, "web-" + session, "web-" + session);
  }

  private static String captured(int second, long offset, int size) {
    return sent("captured", second, offset, size, "0", "capture", "admin");
  }

  private static String sent(
      String type,
      int second,
      long offset,
      int size,
      String session,
      String client,
      String identity) {
    return ("{\"at\":\"2026-11-29T13:30:%02d.250Z\",\"type\":\"%s\",\"epoch\":\"%s\",\"offset\":%d,"
            + "\"size\":%d,\"session\":\"%s\",\"client\":\"%s\",\"identity\":\"%s\",\"guarantee\":64,"
            + "\"shortfall\":1024}\n")
        .formatted(second, type, EPOCH, offset, size, session, client, identity);
  }

  private static String received(int second, long offset, int size, String session) {
    return ("{\"at\":\"2026-11-29T13:30:%02dZ\",\"type\":\"received\",\"epoch\":\"%s\",\"offset\":%d,"
            + "\"size\":%d,\"session\":\"%s\",\"server\":\"192.0.2.10:8989\",\"guarantee\":64}\n")
        .formatted(second, EPOCH, offset, size, session);
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(dir.resolve(name), String.join("", lines));
  }

  @Test
  void disjointRecordsAreATableOfSessionsAndNoOverlap() throws Exception {
    Path server =
        file(
            "server.log",
            delivered(1, 0, 1_024, "17"),
            delivered(2, 1_024, 2_048, "18"),
            delivered(3, 4_096, 2_048, "17"),
            captured(4, 6_144, 100));
    Path client =
        file(
            "client.log",
            received(1, 0, 512, "17"),
            received(3, 512, 512, "17"),
            received(4, 4_096, 2_048, "17"));

    Result result = audit(client, server);

    assertThat(result.exitCode()).as(result.out()).isZero();
    assertThat(result.out())
        .isEqualTo(
            """
            TYPE       PEER             EPOCH     FIRST                 LAST                  BYTES   RATE      GUARANTEE  SHORTFALL  ATTAINED
            received   192.0.2.10:8989  3f2a0c11  2026-11-29T13:30:01Z  2026-11-29T13:30:04Z  3.0 KB   853 B/s     64 B/s  -          -
            delivered  web-17           3f2a0c11  2026-11-29T13:30:01Z  2026-11-29T13:30:03Z  3.0 KB  1.0 KB/s     64 B/s     1.0 KB      75 %
            delivered  web-18           3f2a0c11  2026-11-29T13:30:02Z  2026-11-29T13:30:02Z  2.0 KB  -            64 B/s     1.0 KB      67 %
            captured   admin (capture)  3f2a0c11  2026-11-29T13:30:04Z  2026-11-29T13:30:04Z   100 B  -            64 B/s     1.0 KB       9 %
            Files: 2. Records: 7, and 0 duplicates. Epochs: 1. Lost records: 0.
            Delivered: 5.0 KB. Captured: 100 B. Received: 3.0 KB.
            No overlap: no byte of the 7 records was delivered twice.
            """);
  }

  @Test
  void twoSessionsWithACommonByteAreAnOverlap() throws Exception {
    Path one = file("one.log", delivered(1, 0, 1_024, "17"));
    Path two = file("two.log", delivered(2, 5_000, 1, "18"), delivered(3, 1_023, 10, "18"));

    Result result = audit(one, two);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .contains(
            one
                + ":1 (delivered to web-17, bytes 0 to 1023) overlaps "
                + two
                + ":2 (delivered to"
                + " web-18, bytes 1023 to 1032)\n")
        .endsWith("OVERLAP: 1 records share bytes with another record.\n");
  }

  @Test
  void aCaptureThatAClientReceivedToIsAnOverlap() throws Exception {
    Result result = audit(file("a", captured(1, 0, 100)), file("b", received(1, 99, 10, "17")));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).contains("OVERLAP");
  }

  @Test
  void aRangeThatAnotherSessionReceivedIsAnOverlap() throws Exception {
    Result result =
        audit(file("a", delivered(1, 0, 100, "17")), file("b", received(1, 50, 10, "18")));
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  void theSameRecordInACopyOfALogIsADuplicate() throws Exception {
    Path log = file("audit.log", delivered(1, 0, 100, "17"), delivered(2, 100, 100, "17"));
    Path copy = file("copy.log", delivered(1, 0, 100, "17"));

    Result result = audit(log, copy, log);

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Records: 2, and 3 duplicates.");
  }

  @Test
  void theSameRangeOfTheSameSessionAtAnotherTimeIsAnOverlap() throws Exception {
    Result result = audit(file("a", delivered(1, 0, 100, "17"), delivered(2, 0, 100, "17")));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .contains("a:2: the offset is lower than that of an earlier record of the session")
        .contains("OVERLAP: 1 records");
  }

  @Test
  void readsCompressedFiles() throws Exception {
    Path compressed = dir.resolve("audit.log.1.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      out.write(delivered(1, 0, 100, "17").getBytes(StandardCharsets.UTF_8));
    }
    assertThat(audit(compressed).out()).contains("Records: 1,", "No overlap");
  }

  @Test
  void reportsReceivedBytesThatTheServersLogDoesNotHave() throws Exception {
    Result result =
        audit(
            file("a", delivered(1, 100, 100, "17")),
            file("b", received(1, 50, 100, "17"), received(2, 300, 10, "17")));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Received bytes that are not in the server's log: 60.");
  }

  @Test
  void reportsAnEpochWithoutAServersLog() throws Exception {
    Result result = audit(file("b", received(1, 50, 100, "17")));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .contains("Epoch " + EPOCH + " is only in clients' logs: add the server's.");
  }

  @Test
  void addsUpLostRecords() throws Exception {
    String lost = "{\"at\":\"2026-11-29T13:30:01Z\",\"lost\":7}\n";
    Result result = audit(file("a", lost, delivered(1, 0, 1, "17"), lost));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Lost records: 14.", "The ranges of lost records are not");
  }

  @Test
  void ignoresAnIncompleteLastLine() throws Exception {
    String whole = delivered(1, 0, 1, "17");
    Result result = audit(file("a", whole, whole.substring(0, 50)));
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Records: 1,", "Incomplete last lines, ignored: 1.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"offset\":100|\"offset\":-1|'offset' is out of range",
        "\"offset\":100|\"offset\":9223372036854775807|'size' is out of range",
        "\"offset\":100|\"offset\":1.5|'offset' is not a whole number",
        "\"size\":10|\"size\":0|'size' is out of range",
        "\"size\":10|\"size\":4294967296|'size' is out of range",
        "\"session\":\"17\"|\"session\":\"x\"|'session' is not a number",
        "\"type\":\"delivered\"|\"type\":\"sold\"|the type is unknown",
        "\"epoch\":\"3f2a|\"epoch\":\"!|'epoch' is not a UUID",
        "\"identity\"|\"name\"|'identity' is missing",
        "2026-11-29T13|yesterday|'at' is not a time",
        "{\"at\"|at|it is not a JSON object"
      })
  void aLineThatIsNoRecordFailsWithItsPlaceAndReason(String part, String wrong, String reason)
      throws Exception {
    String line = delivered(1, 100, 10, "17");
    Path log = file("a", delivered(1, 0, 1, "17"), line.replace(part, wrong), line);

    Result result = audit(log);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .contains(log + ":2: " + reason + "\n")
        .endsWith("NOT PROVED: 1 lines are invalid. The other records do not overlap.\n");
  }

  @Test
  void jsonHasSessionsTotalsAndOverlaps() throws Exception {
    Path log = file("a", delivered(1, 0, 100, "17"), delivered(2, 50, 100, "18"));

    Result result = audit("--json", log);

    assertThat(result.exitCode()).isEqualTo(1);
    JsonNode json = JsonMapper.shared().readTree(result.out());
    assertThat(json.path("records").asInt()).isEqualTo(2);
    assertThat(json.path("overlapCount").asInt()).isEqualTo(1);
    assertThat(json.path("overlaps").path(0).path("first").path("place").asString())
        .isEqualTo(log + ":1");
    assertThat(json.path("overlaps").path(0).path("second").path("session").asString())
        .isEqualTo("18");
    assertThat(json.path("sessions").path(0).path("bytes").asInt()).isEqualTo(100);
    assertThat(json.path("sessions").path(0).path("epoch").asString()).isEqualTo(EPOCH);
  }

  @Test
  void aFileThatCannotBeReadFailsWithOneSentence() throws Exception {
    Path none = dir.resolve("none");
    assertThat(audit(none)).isEqualTo(new Result(1, "", none + " cannot be read: no such file\n"));
    assertThat(audit(file("a.gz", "text")).err()).contains("a.gz cannot be read: ZipException");
    assertThat(audit(dir).err()).contains("cannot be read");
  }

  @Test
  void noFileIsAWrongArgument() {
    assertThat(audit().exitCode()).isEqualTo(2);
  }
}
