// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.netrng.net.HostName;
import io.netrng.server.NetrngServerApplication;
import io.netrng.server.session.StreamServer;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The whole server, as administrators meet it, with clients on real sockets. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminApiTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<RawClient> clients = new ArrayList<>();
  private ConfigurableApplicationContext app;
  private String token;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    Path tokenFile = directory.resolve("token");
    app =
        new SpringApplicationBuilder(NetrngServerApplication.class)
            .run(
                "--server.port=0",
                "--netrng.server.port=0",
                "--netrng.server.capacity=10000B/s",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.admin.token-file=" + tokenFile);
    token = Files.readString(tokenFile).strip();
  }

  @AfterAll
  void stop() {
    app.close();
  }

  @AfterEach
  void everybodyLeaves() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    clients.clear();
    await("nobody is connected").until(() -> get("/api/v1/clients").at("/total").asInt() == 0);
    for (JsonNode hold : get("/api/v1/holds")) {
      send("DELETE", "/api/v1/holds/" + hold.at("/id").asString());
    }
  }

  private RawClient connect() throws IOException {
    RawClient client =
        new RawClient(Objects.requireNonNull(app.getBean(StreamServer.class).address()));
    clients.add(client);
    return client;
  }

  /** The id of a client that is let in. */
  private String join(String label) throws IOException {
    return Long.toUnsignedString(connect().join(label).session());
  }

  private HttpRequest.Builder request(String path) {
    String port = app.getEnvironment().getProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(String method, String path) throws IOException {
    return send(request(path).method(method, HttpRequest.BodyPublishers.noBody()));
  }

  private HttpResponse<String> patch(String path, String body) throws IOException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .method("PATCH", HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private JsonNode get(String path) throws IOException {
    HttpResponse<String> answer = send("GET", path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static List<String> labels(JsonNode page) {
    return page.at("/clients").valueStream().map(c -> c.at("/label").asString()).toList();
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String detail) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.at("/status").asInt()).isEqualTo(status);
    assertThat(problem.at("/detail").asString()).isEqualTo(detail);
  }

  @Nested
  class ClientList {

    @Test
    void listsConnectedClientsWithTheirGuaranteesAndRates() throws Exception {
      // given
      RawClient client = connect();
      Message.Welcome welcome = (Message.Welcome) client.hello(17, "web-1").request(3).read();
      for (int i = 0; i < 3; i++) {
        client.sample();
      }
      String path = "/api/v1/clients/" + Long.toUnsignedString(welcome.session());
      await("it is counted").until(() -> get(path).at("/delivered").asLong() == 3 * 2_048);

      // when
      JsonNode view = get("/api/v1/clients").at("/clients/0");

      // then
      assertThat(view.at("/id").asString()).isEqualTo(Long.toUnsignedString(welcome.session()));
      assertThat(view.at("/label").asString()).isEqualTo("web-1");
      assertThat(view.at("/identity").asString()).isEqualTo("web-1");
      assertThat(view.at("/address").asString())
          .isEqualTo("127.0.0.1:" + client.address().getPort());
      assertThat(Instant.parse(view.at("/since").asString())).isBeforeOrEqualTo(Instant.now());
      assertThat(view.at("/guarantee").asLong()).isEqualTo(17);
      assertThat(view.has("ceiling")).isFalse();
      assertThat(view.at("/demand").asLong()).isZero();
      assertThat(view.at("/attainment").asDouble()).isEqualTo(1);
      assertThat(view.at("/shortfall").asDouble()).isZero();
      await("its rates are told").until(() -> get(path).at("/rate10s").asDouble() > 0);
      assertThat(get(path).at("/rate5m").asDouble()).isPositive();
      assertThat(get(path).at("/state").asString()).isEqualTo("served");
    }

    @Test
    void filtersSortsAndPagesTheListOfClients() throws Exception {
      // given
      for (String label : List.of("web-2", "db-1", "web-1", "WEB-3")) {
        join(label);
      }

      // then
      assertThat(labels(get("/api/v1/clients?label=web")))
          .containsExactly("web-1", "web-2", "WEB-3");
      assertThat(labels(get("/api/v1/clients?sort=label,desc")))
          .containsExactly("WEB-3", "web-2", "web-1", "db-1");
      assertThat(labels(get("/api/v1/clients?sort=since"))).last().isEqualTo("WEB-3");
      JsonNode second = get("/api/v1/clients?page=1&size=3");
      assertThat(labels(second)).containsExactly("WEB-3");
      assertThat(second.at("/total").asInt()).isEqualTo(4);
      assertThat(labels(get("/api/v1/clients?page=9"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            page=-1    | page = -1 is no page: the first is 0.
            size=0     | size = 0 is out of range: 1 to 10000.
            size=10001 | size = 10001 is out of range: 1 to 10000.
            size=many  | size = 'many' cannot be read: a number is wanted.
            sort=label,up | sort = 'label,up' is no order: one of address, attainment, attainment10s, ceiling, delivered, demand, guarantee, id, identity, label, rate, rate10s, rate5m, shortfall, since, state, and ,asc or ,desc behind it.
            """)
    void rejectsInvalidParametersOfTheClientListWithTheReason(String query, String detail)
        throws Exception {
      assertProblem(send("GET", "/api/v1/clients?" + query), 400, detail);
    }

    @Test
    void answers404ForAnUnknownClientAnd400ForAnInvalidId() throws Exception {
      assertProblem(send("GET", "/api/v1/clients/7"), 404, "no client 7 is connected.");
      assertProblem(
          send("GET", "/api/v1/clients/web-1"), 400, "'web-1' is no client's id: a number is.");
    }
  }

  @Nested
  class Kicks {

    @Test
    void aKickClosesOneSessionAndPermitsAReconnect() throws Exception {
      // given
      String id = join("web-1");
      join("web-1");

      // when
      assertThat(send("DELETE", "/api/v1/clients/" + id).statusCode()).isEqualTo(204);

      // then
      Message.Close close = clients.getFirst().closed();
      assertThat(close.code()).isEqualTo(5);
      assertThat(close.retryAfter()).isEqualTo(60_000);
      await("it has left").until(() -> get("/api/v1/clients").at("/total").asInt() == 1);
      assertThat(get("/api/v1/holds").size()).isZero();
      join("web-1");
    }

    @Test
    void aKickWithAHoldOffRefusesTheIdentityWithThatLabelUntilTheHoldIsLifted() throws Exception {
      // given
      String id = join("web-1");
      join("web-1");
      join("web-2");

      // when
      HttpResponse<String> kicked = send("DELETE", "/api/v1/clients/" + id + "?hold-off=PT5M");

      // then
      assertThat(kicked.statusCode()).isEqualTo(204);
      for (RawClient gone : clients.subList(0, 2)) {
        assertThat(gone.closed())
            .isEqualTo(new Message.Close(5, 300_000, "kicked by an administrator"));
      }
      Message.Close again = connect().hello(0, "web-1").closed();
      assertThat(again.code()).isEqualTo(5);
      assertThat(again.retryAfter()).isBetween(200_000L, 300_000L);
      assertThat(labels(get("/api/v1/clients"))).containsExactly("web-2");
      join("web-3");

      // when
      JsonNode hold = get("/api/v1/holds").at("/0");
      assertThat(hold.at("/identity").asString()).isEqualTo("web-1");
      assertThat(hold.at("/label").asString()).isEqualTo("web-1");
      assertThat(Instant.parse(hold.at("/until").asString()))
          .isBetween(Instant.now(), Instant.now().plus(Duration.ofMinutes(5)));
      String path = "/api/v1/holds/" + hold.at("/id").asString();
      assertThat(send("DELETE", path).statusCode()).isEqualTo(204);

      // then
      join("web-1");
      assertThat(send("DELETE", path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            soon    | hold-off = 'soon' cannot be read: an ISO 8601 duration, such as PT5M, is wanted.
            PT0S    | hold-off = PT0S is out of range: more than nothing, at most PT8760H.
            -PT1S   | hold-off = PT-1S is out of range: more than nothing, at most PT8760H.
            PT8761H | hold-off = PT8761H is out of range: more than nothing, at most PT8760H.
            """)
    void rejectsAnInvalidHoldOffWithoutKickingTheClient(String holdOff, String detail)
        throws Exception {
      String id = join("web-1");
      assertProblem(send("DELETE", "/api/v1/clients/" + id + "?hold-off=" + holdOff), 400, detail);
      assertThat(get("/api/v1/clients").at("/total").asInt()).isEqualTo(1);
    }
  }

  @Nested
  class RateChanges {

    @Test
    void appliesARateChangeAtOnceAndCountsItAsPromised() throws Exception {
      // given
      String path = "/api/v1/clients/" + join("web-1");

      // when
      JsonNode changed =
          JSON.readTree(patch(path, "{\"guarantee\": 5000, \"ceiling\": 6000}").body());

      // then
      assertThat(changed.at("/guarantee").asLong()).isEqualTo(5_000);
      assertThat(get(path).at("/ceiling").asLong()).isEqualTo(6_000);
      assertThat(get("/api/v1/sources").at("/promised").asLong()).isEqualTo(5_000);

      // when what is not named stays, and 0 takes the ceiling away
      patch(path, "{\"ceiling\": 0}");

      // then
      assertThat(get(path).at("/guarantee").asLong()).isEqualTo(5_000);
      assertThat(get(path).has("ceiling")).isFalse();
      clients.getFirst().bye();
      await("nothing is promised any more")
          .until(() -> get("/api/v1/sources").at("/promised").asLong() == 0);
    }

    @Test
    void refusesAGuaranteeAboveThePromisableRate() throws Exception {
      // given
      String path = "/api/v1/clients/" + join("web-1");
      join("web-2");

      // then 64 B/s each are promised of 9,000
      assertProblem(
          patch(path, "{\"guarantee\": 8937}"),
          409,
          "8873B/s more than the 128B/s that are promised would exceed the 9000B/s that can be:"
              + " netrng.server.capacity, netrng.server.headroom");
      assertThat(get(path).at("/guarantee").asLong()).isEqualTo(64);
      assertThat(patch(path, "{\"guarantee\": 8936}").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            {"guarantee": -1}         | guarantee = -1 is out of range: 0 to 4294967295 bytes per second.
            {"guarantee": 4294967296} | guarantee = 4294967296 is out of range: 0 to 4294967295 bytes per second.
            {"ceiling": -1}           | ceiling = -1 is out of range: 0 (no limit) bytes per second or more.
            {"guarantee": "much"}     | Failed to read HTTP message
            nothing                   | Failed to read HTTP message
            """)
    void rejectsAnInvalidRateChangeWithTheReason(String body, String detail) throws Exception {
      assertProblem(patch("/api/v1/clients/" + join("web-1"), body), 400, detail);
    }
  }

  @Test
  void listsTheSourcesWithTheirHealthTestsAndTheTotalCapacity() throws Exception {
    JsonNode sources = get("/api/v1/sources");
    assertThat(sources.at("/capacity").asDouble()).isEqualTo(10_000);
    assertThat(sources.at("/promisable").asDouble()).isEqualTo(9_000);
    assertThat(sources.at("/degraded").asBoolean()).isFalse();
    JsonNode device = sources.at("/sources/0");
    assertThat(device.at("/device").asString()).isEqualTo("/dev/urandom");
    assertThat(device.at("/description").asString()).isEqualTo("character device 1:9");
    assertThat(device.at("/state").asString()).isEqualTo("healthy");
    assertThat(device.at("/read").asLong()).isPositive();
    assertThat(device.at("/testFailures/repetition-count").asLong()).isZero();
    assertThat(device.at("/kind").asString()).isEqualTo("character-device");
    assertThat(device.at("/warnings").isEmpty()).isTrue();
    assertThat(device.at("/lastTest/passed").asBoolean()).isTrue();
    assertThat(device.has("hardwareRng")).isFalse();
    assertThat(device.has("lastFailure")).isFalse();
    assertThat(device.at("/minEntropyClaim").asDouble()).isEqualTo(8);
    assertThat(device.at("/conditioning").asString()).isEqualTo("none");
  }

  @Test
  void testsADeviceOnDemand() throws Exception {
    // given
    String before = get("/api/v1/sources").at("/sources/0/lastTest/at").asString();

    // when
    HttpResponse<String> answer = send("POST", "/api/v1/sources/tests?device=/dev/urandom");

    // then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).at("/result").asString()).isEqualTo("passed");
    assertThat(get("/api/v1/sources").at("/sources/0/lastTest/at").asString())
        .isGreaterThan(before);
  }

  @Test
  void rejectsATestOfAnUnknownDevice() throws Exception {
    assertProblem(
        send("POST", "/api/v1/sources/tests?device=/dev/other"),
        400,
        "device = /dev/other is not possible: set it to one of /dev/urandom.");
  }

  @Test
  void describesTheServerAndCountsItsClientsByState() throws Exception {
    // given
    join("web-1");

    // when
    JsonNode server = get("/api/v1/server");

    // then
    assertThat(server.at("/host").asString()).isEqualTo(HostName.get()).isNotEmpty();
    assertThat(server.at("/version").asString()).matches("\\d+\\..*");
    assertThat(Instant.parse(server.at("/since").asString())).isBefore(Instant.now());
    assertThat(server.at("/address").asString()).startsWith("127.0.0.1:");
    assertThat(server.at("/security").asString()).isEqualTo("plaintext");
    assertThat(server.at("/sampleSize").asInt()).isEqualTo(2_048);
    assertThat(server.at("/clients/idle").asInt()).isEqualTo(1);
    assertThat(server.at("/clients/starved").asInt()).isZero();
  }

  @Test
  void listsARefusalWithItsClientAndReasonUntilTheClientIsAdmitted() throws Exception {
    // given
    for (int i = 0; i < 3; i++) {
      assertThat(connect().hello(20_000, "refused-1").closed().code()).isEqualTo(3);
    }

    // when
    JsonNode refusal = refusalOf("refused-1").orElseThrow();

    // then
    assertThat(refusal.at("/reason").asString()).isEqualTo("not-authorised");
    assertThat(refusal.at("/identity").asString()).isEqualTo("refused-1");
    assertThat(refusal.at("/address").asString()).startsWith("127.0.0.1:");
    assertThat(refusal.at("/detail").asString()).contains("20000B/s was asked for");
    assertThat(refusal.at("/count").asInt()).isEqualTo(3);

    // when
    join("refused-1");

    // then
    assertThat(refusalOf("refused-1")).isEmpty();
  }

  private Optional<JsonNode> refusalOf(String client) throws IOException {
    return get("/api/v1/refusals")
        .valueStream()
        .filter(refusal -> refusal.path("client").asString("").equals(client))
        .findFirst();
  }

  @Test
  void theLoginFormNamesTheFileOfTheToken() throws Exception {
    String file = app.getEnvironment().getProperty("netrng.server.admin.token-file");
    assertThat(send(HttpRequest.newBuilder(request("/login").build().uri())).body())
        .contains("The token is in <code>" + file + "</code> on the server.");
  }

  @Test
  void streamsPastAndNewEventsAndResumesAfterTheLastEventId() throws Exception {
    // given
    String id = join("event-1");
    HttpResponse<Stream<String>> events =
        http.send(request("/api/v1/events").build(), HttpResponse.BodyHandlers.ofLines());
    List<String> lines = new CopyOnWriteArrayList<>();
    Thread.ofVirtual().start(() -> events.body().forEach(lines::add));

    // when
    await("it is told who came").until(() -> lines.toString().contains("event-1"));
    send("DELETE", "/api/v1/clients/" + id);

    // then
    await("the kick is an event").until(() -> kick(lines, id) >= 0);
    List<String> before = List.copyOf(lines);
    int kicked = kick(before, id);
    JsonNode event = JSON.readTree(before.get(kicked + 1).substring("data:".length()));
    assertThat(event.at("/session").asString()).isEqualTo(id);
    assertThat(event.at("/client").asString()).isEqualTo("event-1");
    assertThat(event.has("device")).isFalse();

    // when somebody listens who has seen all but the last
    String number = before.get(kicked - 1).substring("id:".length());
    HttpResponse<InputStream> later =
        http.send(
            request("/api/v1/events")
                .header("Last-Event-ID", Long.toString(Long.parseLong(number) - 1))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(later.body(), StandardCharsets.UTF_8))) {
      assertThat(reader.readLine()).isEqualTo("id:" + number);
    }
  }

  @Test
  void withoutFollowTheStreamEndsAfterThePastEvents() throws Exception {
    // given
    String id = join("event-2");
    await("the event is remembered")
        .until(() -> send("GET", "/api/v1/events?follow=false").body().contains("event-2"));

    // when
    String past = send("GET", "/api/v1/events?follow=false").body();
    String last =
        past.lines().filter(line -> line.startsWith("id:")).reduce((_, id2) -> id2).orElseThrow();
    HttpResponse<String> nothing =
        http.send(
            request("/api/v1/events?follow=false")
                .header("Last-Event-ID", last.substring("id:".length()))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    // then
    assertThat(past).contains("event:connected", id);
    assertThat(nothing.statusCode()).isEqualTo(200);
    assertThat(nothing.body()).isEmpty();
  }

  /** The index of the line that names the event of this session's kick; -1 if there is none. */
  private static int kick(List<String> lines, String id) {
    return IntStream.range(0, lines.size() - 1)
        .filter(i -> lines.get(i).equals("event:kicked") && lines.get(i + 1).contains(id))
        .findFirst()
        .orElse(-1);
  }

  /** Metrics need no token. */
  @Test
  void rejectsExcessiveMetricsRequestsWithoutAffectingHealthOrTheApi() throws Exception {
    // given
    HttpRequest metrics = request("/actuator/prometheus").build();

    // when
    List<CompletableFuture<HttpResponse<String>>> asked =
        Stream.generate(() -> http.sendAsync(metrics, HttpResponse.BodyHandlers.ofString()))
            .limit(300)
            .toList();
    get("/actuator/health");
    get("/api/v1/clients");
    List<HttpResponse<String>> answers = asked.stream().map(CompletableFuture::join).toList();

    // then
    assertThat(answers)
        .extracting(HttpResponse::statusCode)
        .contains(200, 429)
        .containsOnly(200, 429);
    HttpResponse<String> refused =
        answers.stream().filter(answer -> answer.statusCode() == 429).findAny().orElseThrow();
    String seconds = refused.headers().firstValue("Retry-After").orElseThrow();
    assertProblem(
        refused,
        429,
        "So much was asked for that the stream would suffer: come back in " + seconds + " s.");
    assertThat(Integer.parseInt(seconds)).isPositive();
  }

  @Test
  void limitsLogLinesAboutWrongAdminTokens(CapturedOutput log) throws Exception {
    // when
    for (int i = 0; i < 200; i++) {
      HttpRequest.Builder guess =
          request("/api/v1/clients").setHeader("Authorization", "Bearer " + i);
      assertThat(send(guess).statusCode()).isEqualTo(401);
    }

    // then, of two times ten seconds at the most
    assertThat(log.getOut().lines().filter(line -> line.contains("wrong admin token")).count())
        .isBetween(50L, 100L);
  }

  /** Each answer to a GET has just what the description says. */
  @Test
  void responsesToGetRequestsMatchTheOpenApiDescription() throws Exception {
    // given
    join("web-1");
    String id = get("/api/v1/clients").at("/clients/0/id").asString();
    send("DELETE", "/api/v1/clients/" + join("web-2") + "?hold-off=PT1M");
    assertThat(connect().hello(0, "web-2").closed().code()).isEqualTo(5);
    JsonNode description = get("/v3/api-docs");
    int validated = 0;
    for (var path : description.at("/paths").properties()) {
      JsonNode schema = path.getValue().at("/get/responses/200/content/application~1json/schema");
      if (!schema.isMissingNode()) {
        // when
        JsonNode answer = get(path.getKey().replace("{id}", id));

        // then
        assertThat(closed(schema, description).validate(answer)).as(path.getKey()).isEmpty();
        validated++;
      }
    }
    assertThat(validated).isEqualTo(6);
  }

  @Test
  void theOpenApiDescriptionListsExactlyTheServedOperationsAndParameters() throws Exception {
    // given
    JsonNode paths = get("/v3/api-docs").at("/paths");
    List<String> described = new ArrayList<>();
    for (var path : paths.properties()) {
      for (var operation : path.getValue().properties()) {
        if (!operation.getKey().equals("parameters")) {
          described.add(
              describe(
                  operation.getKey(),
                  path.getKey(),
                  operation
                      .getValue()
                      .at("/parameters")
                      .valueStream()
                      .map(parameter -> parameter.at("/name").asString())));
        }
      }
    }

    // when
    List<String> served = new ArrayList<>();
    app.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .forEach((info, method) -> {
          for (PathPattern pattern : info.getPatternsCondition().getPatterns()) {
            for (RequestMethod verb : info.getMethodsCondition().getMethods()) {
              served.add(
                  describe(
                      verb.name(),
                      pattern.getPatternString(),
                      Stream.of(method.getMethodParameters())
                          .map(AdminApiTest::requestName)
                          .flatMap(Optional::stream)));
            }
          }
        });

    // then
    assertThat(served).containsExactlyInAnyOrderElementsOf(described).hasSizeGreaterThan(7);
  }

  private static String describe(String method, String path, Stream<String> parameters) {
    return method.toUpperCase(Locale.ROOT) + " " + path + parameters.sorted().toList();
  }

  /** The name of a parameter that comes from the query or a header. */
  private static Optional<String> requestName(MethodParameter parameter) {
    parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
    return Optional.ofNullable(parameter.getParameterAnnotation(RequestParam.class))
        .map(RequestParam::name)
        .or(() ->
            Optional.ofNullable(parameter.getParameterAnnotation(RequestHeader.class))
                .map(RequestHeader::name))
        .map(name -> name.isEmpty() ? Objects.requireNonNull(parameter.getParameterName()) : name);
  }

  @Test
  void servesTheApiPageWithAllFilesThatItReferences() throws Exception {
    // when
    String page = send("GET", "/api").body();

    // then
    List<String> files =
        Pattern.compile("(?:src|href)=\"([^\"]+)\"")
            .matcher(page)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(files).hasSize(4);
    for (String file : files) {
      assertThat(send("GET", file).statusCode()).as(file).isEqualTo(200);
    }
  }

  /** With all components to refer to, and no property that is not described. */
  private static Schema closed(JsonNode schema, JsonNode description) {
    ObjectNode components = (ObjectNode) description.at("/components").deepCopy();
    for (JsonNode component : components.at("/schemas")) {
      if (!component.has("additionalProperties")) {
        ((ObjectNode) component).put("additionalProperties", false);
      }
    }
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("components", components);
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(whole);
  }
}
