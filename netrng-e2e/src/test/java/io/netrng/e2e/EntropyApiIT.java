// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The entropy API over TLS, with curl, wget, the library requests of Python, and pollinate. */
class EntropyApiIT {

  private static final String PAGE = "docs/http.md";
  private static final String NAME = "rng.example.org";
  private static final String URL = "https://%s:8990".formatted(NAME);
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  /** Debian's, which has the library requests of Debian's package. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path directory;

  private AppProcess server;
  private String url;

  @BeforeEach
  void start() throws Exception {
    if (Files.notExists(directory.resolve("ca.crt"))) {
      Certificates.make(directory, "127.0.0.1 localhost " + NAME, "web-1", "web-2");
      Files.createDirectory(directory.resolve("tokens"));
      Files.writeString(directory.resolve("tokens/appliance-1"), TOKEN + "\n");
      Files.writeString(directory.resolve("token"), TOKEN + "\n");
      run("sh", "-ec", inDirectory(Blocks.tested("token files", PAGE)));
      for (String file : List.of("curl-header", "wgetrc")) {
        assertThat(Files.getPosixFilePermissions(directory.resolve(file)))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
    }
    server =
        AppProcess.server(
            Certificates.bundle(
                directory,
                "server",
                // An answer above the write buffer would take minutes from a slow device.
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.tls.bundle=netrng",
                "--netrng.server.denied=web-2",
                "--netrng.server.clients[0].name=web-1",
                "--netrng.server.clients[0].guarantee=1KB/s",
                "--netrng.server.entropy-api.port=0",
                "--netrng.server.entropy-api.bind-address=0.0.0.0",
                "--netrng.server.entropy-api.token-directory=" + directory.resolve("tokens"),
                "--netrng.server.entropy-api.pollinate.enabled=true"));
    url = "https://127.0.0.1:" + server.entropyApiPort();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Runs a command that must succeed, and returns its output. */
  private String run(String... command) throws Exception {
    return Machine.run(List.of(command));
  }

  private static String inDirectory(String block) {
    return block.replace("/etc/netrng/", directory + "/");
  }

  /** Runs lines of the documentation, with the URL and the files of this test. */
  private String runDocumented(String block) throws Exception {
    String script = inDirectory(block).replace(URL, url);
    return run("sh", "-ec", "cd %s; u=%s\n%s".formatted(directory, url, script));
  }

  private String curl(String... more) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--cacert", directory.resolve("ca.crt").toString()));
    command.addAll(List.of(more));
    return Machine.run(command);
  }

  private String[] as(String client, String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--cert",
                directory.resolve(client + ".crt").toString(),
                "--key",
                directory.resolve(client + ".key").toString()));
    options.addAll(List.of(more));
    return options.toArray(String[]::new);
  }

  @Test
  void aClientWithACertificateHasTheIdentityAndThePolicyOfTheStream() throws Exception {
    // when
    Path file = directory.resolve("random");
    curl(as("web-1", "-o", file.toString(), url + "/v1/random?bytes=1048576"));

    // then
    assertThat(file).hasSize(1 << 20);
    assertThat(server.log())
        .containsPattern(
            "client connected .*client=\"web-1\" identity=\"web-1\" listener=\"http\""
                + " .*guarantee=\"1024\" tls-version=\"TLSv1.3\"");
    server.awaitMetric("netrng_listener_delivered_bytes_total{listener=\"http\"}", 1 << 20);
    // and a denied client is refused, as one without a proof of its identity
    String status = "%{http_code}";
    assertThat(curl(as("web-2", "-w", status, "-o", "/dev/null", url + "/v1/random")))
        .isEqualTo("403");
    assertThat(curl("-w", status, "-o", "/dev/null", url + "/v1/random")).isEqualTo("401");
    assertThat(server.metric("netrng_entropy_api_requests_total{status=\"401\"}")).isOne();
  }

  @Test
  void theRecipesOfTheDocumentationWork() throws Exception {
    // given
    Path seed = directory.resolve("seed.bin");

    // when, then
    runDocumented(Blocks.tested("file", PAGE));
    assertThat(seed).hasSize(4_096);
    runDocumented(Blocks.tested("alpine", PAGE).replace("/dev/urandom", "seed.bin"));
    assertThat(seed).hasSize(512);
    runDocumented(Blocks.tested("alpine", PAGE));
    JsonNode answer =
        JSON.readTree(
            runDocumented(
                Blocks.tested("qrng", PAGE)
                    .replace("http://127.0.0.1:8990", url)
                    .replace(
                        "curl -s",
                        "curl -s --cacert ca.crt -H 'Authorization: Bearer %s'".formatted(TOKEN))));
    assertThat(answer.get("entropy")).hasSize(2);
    assertThat(server.log()).contains("identity=\"appliance-1\"");
  }

  /** Runs what the script does in an initramfs; its functions and its network are not there. */
  @Test
  void theScriptOfTheInitramfsSeedsTheKernel() throws Exception {
    String script =
        Blocks.tested("initramfs", PAGE)
            .replace(". /scripts/functions", "log_warning_msg() { echo warned: \"$1\"; }")
            .replace("configure_networking", ":")
            .replace(URL, "https://%s:%d".formatted(NAME, server.entropyApiPort()))
            .replace(
                NAME + ":8990:192.0.2.10",
                "%s:%d:127.0.0.1".formatted(NAME, server.entropyApiPort()));

    assertThat(runDocumented(script)).isEmpty();
    assertThat(runDocumented(script.replace("/v1/random", "/v1/none"))).contains("warned: NetRNG");
    assertThat(run("sh", "-c", script, "netrng", "prereqs")).isEmpty();
  }

  @Test
  void theHookAddsCurlAndTheFilesToTheInitramfs() throws Exception {
    // given
    Path system = Files.createDirectories(directory.resolve("initramfs"));
    String hook =
        Blocks.tested("initramfs hook", PAGE)
            .replace(
                ". /usr/share/initramfs-tools/hook-functions",
                "copy_exec() { install -D \"$1\" \"$DESTDIR$1\"; }")
            .replace(" /etc/netrng/", " " + directory + "/");

    // when
    run("sh", "-ec", "DESTDIR=" + system + "\n" + hook);

    // then
    assertThat(system.resolve("usr/bin/curl")).isExecutable();
    assertThat(Files.getPosixFilePermissions(system.resolve("etc/netrng/curl-header")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(system.resolve("etc/netrng/ca.crt"))
        .hasSameBinaryContentAs(directory.resolve("ca.crt"));
    assertThat(run("sh", "-c", hook, "netrng", "prereqs")).isEmpty();
  }

  /** The examples of the QRNG Open API in Python: with a token, and with certificates. */
  @Test
  void theExamplesOfTheQrngOpenApiWorkWithTheLibraryRequests() throws Exception {
    // given
    String python =
        """
        import json, sys
        import requests
        uri, directory, token = sys.argv[1:]
        results = []
        def call(method, path, **more):
            answer = requests.request(method, f"{uri}/{path}", verify=f"{directory}/ca.crt", **more)
            results.append([answer.status_code, answer.json()])
        headers = {"Authorization": f"Bearer {token}"}
        call("POST", "entropy", headers=headers, json={"block_size": 32, "block_count": 2})
        call("GET", "capabilities", headers=headers)
        call("GET", "healthtest", headers=headers)
        cert = (f"{directory}/web-1.crt", f"{directory}/web-1.key")
        json_type = {"Content-Type": "application/json"}
        data = json.dumps({"block_size": 16, "block_count": 3})
        call("POST", "entropy", cert=cert, headers=json_type, data=data)
        call("GET", "capabilities", cert=cert)
        call("GET", "healthtest", cert=cert)
        call("POST", "entropy", cert=cert, json={"block_size": -1})
        print(json.dumps(results))
        """;

    // when
    JsonNode results =
        JSON.readTree(run(PYTHON, "-c", python, url + "/v1", directory.toString(), TOKEN));

    // then
    assertThat(results).hasSize(7);
    for (int i = 0; i < 6; i++) {
      assertThat(results.get(i).get(0).asInt()).isEqualTo(200);
    }
    assertThat(results.get(0).get(1).get("entropy")).hasSize(2);
    assertThat(results.get(1).get(1).get("entropy").get("max_block_size").asInt())
        .isEqualTo(65_536);
    assertThat(results.get(2).get(1).get("test_result").get(0).get("test_result").asString())
        .isEqualTo("pass");
    assertThat(results.get(3).get(1).get("entropy")).hasSize(3);
    assertThat(results.get(6).get(0).asInt()).isEqualTo(422);
  }

  @Test
  void theExampleOfTheDocumentationInPythonWorksOnLoopback() throws Exception {
    try (AppProcess plain =
        AppProcess.server(
            "--netrng.server.source.devices=" + Machine.device(),
            "--netrng.server.entropy-api.port=0")) {
      String python =
          "u = 'http://127.0.0.1:%d'\n%s\nprint([len(block) for block in blocks])"
              .formatted(plain.entropyApiPort(), Blocks.tested("python", PAGE));

      assertThat(run(PYTHON, "-c", python)).contains("[32, 32, 32, 32]");
    }
  }

  @Nested
  class Pollinate {

    private String pollinate(String... more) throws Exception {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "pollinate",
                  "--strict",
                  "-r",
                  "-s",
                  url + "/",
                  "-c",
                  "--cacert " + directory.resolve("ca.crt")));
      command.addAll(List.of(more));
      return Machine.run(command);
    }

    @Test
    void seedsTheKernelFromAServerWithACertificateOfAnOwnAuthority() throws Exception {
      // when
      pollinate("-d", "/dev/urandom");

      // then
      await("the machine has disconnected")
          .atMost(AppProcess.PATIENCE)
          .until(() -> server.log().contains("client=\"pollinate\" reason=\"bye\""));
      assertThat(server.metric("netrng_delivered_bytes_total")).isEqualTo(64);
      assertThat(server.log())
          .as("pollinate's description of the machine")
          .doesNotContain("uptime");
    }

    @Test
    void rejectsAServerThatIsNotTheRightOne() {
      assertThat(
              catchThrowable(() -> pollinate("-c", "--cacert " + directory.resolve("web-1.crt"))))
          .isInstanceOf(IOException.class);
    }

    @Test
    void hasAValidSnippetForCloudInit() throws Exception {
      // when
      String snippet = Blocks.tested("cloud-init", PAGE);

      // then
      assertThat(snippet).startsWith("#cloud-config\n");
      Map<String, Object> config = new Yaml().load(snippet);
      assertThat(config.get("random_seed").toString())
          .contains("pollinate -r -s " + URL + "/ -c", "command_required=true");
    }
  }
}
