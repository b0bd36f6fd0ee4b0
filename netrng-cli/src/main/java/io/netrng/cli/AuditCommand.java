// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import io.netrng.cli.AuditSession.RecordType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks audit logs of servers and clients for bytes that were delivered twice. */
@Command(
    name = "audit",
    description = {
      "Checks that no byte of the stream was delivered twice, in audit logs of servers and clients.",
      "The exit code is 0 for no overlap, and 1 for an overlap or a line that cannot be read."
    },
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {

  private static final int EPOCH_DIGITS = 8;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Audit logs in any order, also compressed ones (.gz).")
  private List<Path> files = List.of();

  @Option(names = "--json", description = "Prints JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    AuditTrail trail = new AuditTrail();
    AuditReader reader = new AuditReader(trail);
    for (Path file : files) {
      reader.read(file);
    }
    AuditCheck check = new AuditCheck(trail);
    List<AuditSession> sessions =
        trail.sessions().stream().sorted(Comparator.comparing(AuditSession::first)).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(trail, check, sessions).toPrettyString());
    } else {
      print(trail, check, sessions, out);
    }
    out.flush();
    return check.overlapCount() == 0 && trail.badLineCount() == 0 ? 0 : 1;
  }

  private void print(
      AuditTrail trail, AuditCheck check, List<AuditSession> sessions, PrintWriter out) {
    table(sessions).print(out);
    out.printf(
        "Files: %d. Records: %d, and %d duplicates. Epochs: %d. Lost records: %d.%n",
        files.size(),
        trail.records() - check.duplicates(),
        check.duplicates(),
        trail.epochs().size(),
        trail.lost());
    out.printf(
        "Delivered: %s. Captured: %s. Received: %s.%n",
        bytes(check.bytes(RecordType.DELIVERED)),
        bytes(check.bytes(RecordType.CAPTURED)),
        bytes(check.bytes(RecordType.RECEIVED)));
    if (trail.incompleteLines() > 0) {
      out.printf("Incomplete last lines, ignored: %d.%n", trail.incompleteLines());
    }
    if (trail.lost() > 0) {
      out.println("The ranges of lost records are not checked.");
    }
    if (check.notDelivered() > 0) {
      out.printf(
          "Received bytes that are not in the server's log: %d. It begins later or lost records, or"
              + " a connection broke during a write.%n",
          check.notDelivered());
    }
    check
        .epochsWithoutServer()
        .forEach(
            epoch -> out.printf("Epoch %s is only in clients' logs: add the server's.%n", epoch));
    trail.badLines().forEach(bad -> out.printf("%s: %s%n", bad.place(), bad.reason()));
    check
        .overlaps()
        .forEach(overlap ->
            out.printf("%s overlaps %s%n", text(overlap.first()), text(overlap.second())));
    out.println(verdict(trail, check));
  }

  private static Table table(List<AuditSession> sessions) {
    Table table =
        new Table(
            "TYPE",
            "PEER",
            "EPOCH",
            "FIRST",
            "LAST",
            "BYTES",
            "RATE",
            "GUARANTEE",
            "SHORTFALL",
            "ATTAINED");
    for (AuditSession session : sessions) {
      Long shortfall = session.shortfall();
      table.add(
          session.key().type().externalName(),
          session.key().peer(),
          session.key().epoch().toString().substring(0, EPOCH_DIGITS),
          session.first().truncatedTo(ChronoUnit.SECONDS).toString(),
          session.last().truncatedTo(ChronoUnit.SECONDS).toString(),
          bytes(session.bytes()),
          Double.isNaN(session.rate()) ? "-" : Quantity.rate(session.rate()),
          Quantity.rate((double) session.guarantee()),
          shortfall == null ? "-" : bytes(shortfall),
          Double.isNaN(session.attained()) ? "-" : Quantity.percent(session.attained()));
    }
    return table;
  }

  private static String bytes(long amount) {
    return Quantity.bytes((double) amount);
  }

  private static String text(AuditCheck.Range range) {
    AuditSession.Key session = range.session().key();
    return "%s (%s %s %s, bytes %d to %d)"
        .formatted(
            range.place(),
            session.type().externalName(),
            session.type() == RecordType.RECEIVED ? "from" : "to",
            session.peer(),
            range.offset(),
            range.offset() + range.size() - 1);
  }

  private static String verdict(AuditTrail trail, AuditCheck check) {
    if (check.overlapCount() > 0) {
      return "OVERLAP: %d records share bytes with another record.".formatted(check.overlapCount());
    }
    if (trail.badLineCount() > 0) {
      return "NOT PROVED: %d lines are invalid. The other records do not overlap."
          .formatted(trail.badLineCount());
    }
    return "No overlap: no byte of the %d records was delivered twice."
        .formatted(trail.records() - check.duplicates());
  }

  private ObjectNode json(AuditTrail trail, AuditCheck check, List<AuditSession> sessions) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    answer
        .put("files", files.size())
        .put("records", trail.records() - check.duplicates())
        .put("duplicates", check.duplicates())
        .put("epochs", trail.epochs().size())
        .put("lost", trail.lost())
        .put("incompleteLines", trail.incompleteLines())
        .put("notDelivered", check.notDelivered())
        .put("badLineCount", trail.badLineCount())
        .put("overlapCount", check.overlapCount());
    ArrayNode list = answer.putArray("sessions");
    sessions.forEach(session -> describe(list.addObject(), session));
    ArrayNode bad = answer.putArray("badLines");
    trail
        .badLines()
        .forEach(line -> bad.addObject().put("place", line.place()).put("reason", line.reason()));
    ArrayNode overlaps = answer.putArray("overlaps");
    for (AuditCheck.Overlap overlap : check.overlaps()) {
      ObjectNode both = overlaps.addObject();
      describe(both.putObject("first"), overlap.first());
      describe(both.putObject("second"), overlap.second());
    }
    ArrayNode alone = answer.putArray("epochsWithoutServer");
    check.epochsWithoutServer().forEach(epoch -> alone.add(epoch.toString()));
    return answer;
  }

  private static void describe(ObjectNode json, AuditSession session) {
    describe(json, session.key());
    json.put("first", session.first().toString())
        .put("last", session.last().toString())
        .put("bytes", session.bytes())
        .put("guarantee", session.guarantee());
    Long shortfall = session.shortfall();
    if (shortfall != null) {
      json.put("shortfall", shortfall);
    }
    if (!Double.isNaN(session.rate())) {
      json.put("rate", session.rate());
    }
    if (!Double.isNaN(session.attained())) {
      json.put("attained", session.attained());
    }
  }

  private static void describe(ObjectNode json, AuditCheck.Range range) {
    json.put("place", range.place()).put("offset", range.offset()).put("size", range.size());
    describe(json, range.session().key());
  }

  private static void describe(ObjectNode json, AuditSession.Key key) {
    json.put("type", key.type().externalName())
        .put("peer", key.peer())
        .put("epoch", key.epoch().toString())
        .put("session", Long.toUnsignedString(key.id()));
  }
}
