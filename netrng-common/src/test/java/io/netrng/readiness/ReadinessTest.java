// SPDX-License-Identifier: Apache-2.0
package io.netrng.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.netrng.testing.Pki;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Checks against an API over TLS, as in a cluster, with one DaemonSet and one Deployment. */
@ExtendWith(OutputCaptureExtension.class)
class ReadinessTest {

  private static final Pki PKI = new Pki();

  @TempDir Path account;

  private HttpsServer api;
  private volatile String status = "";

  @BeforeEach
  void startAnApi() throws Exception {
    Files.write(account.resolve("ca.crt"), PKI.authority().getEncoded());
    Files.writeString(account.resolve("token"), "a-token");
    Files.writeString(account.resolve("namespace"), "entropy");
    api = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.setHttpsConfigurator(new HttpsConfigurator(PKI.sockets(PKI.server())));
    api.createContext(
        "/apis/apps/v1/namespaces/entropy/",
        exchange -> {
          boolean isAllowed =
              "Bearer a-token".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          boolean exists = exchange.getRequestURI().getPath().endsWith("/netrng-server");
          byte[] body =
              "{\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":2},\"status\":%s}"
                  .formatted(status)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(!isAllowed ? 401 : exists ? 200 : 404, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    api.start();
  }

  @AfterEach
  void stopIt() {
    api.stop(0);
  }

  private Readiness readiness() {
    return new Readiness(URI.create("https://127.0.0.1:" + api.getAddress().getPort()), account);
  }

  private static String daemonSet(int desired, int ready, int updated, int observed) {
    return """
    {"desiredNumberScheduled":%d,"numberReady":%d,"updatedNumberScheduled":%d,"observedGeneration":%d}
    """
        .formatted(desired, ready, updated, observed);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 2, 3, true",
    "2, 1, 2, 3, false",
    "2, 2, 1, 3, false",
    "2, 2, 2, 2, false",
    "0, 0, 0, 3, false"
  })
  void aDaemonSetIsReadyIfAllItsPodsAreOfThisVersionAndReady(
      int desired, int ready, int updated, int observed, boolean isReady, CapturedOutput output) {
    status = daemonSet(desired, ready, updated, observed);
    assertThat(readiness().isReady("daemonsets/netrng-server")).isEqualTo(isReady);
    assertThat(output)
        .contains("daemonsets/netrng-server: %d of %d pods are ready".formatted(ready, desired));
  }

  @ParameterizedTest
  @CsvSource({"2, 2, true", "1, 2, false", "2, 1, false"})
  void aDeploymentIsReadyIfItHasItsReplicas(int ready, int updated, boolean isReady) {
    status =
        "{\"readyReplicas\":%d,\"updatedReplicas\":%d,\"observedGeneration\":3}"
            .formatted(ready, updated);
    assertThat(readiness().isReady("deployments/netrng-server")).isEqualTo(isReady);
  }

  @Test
  void aDeploymentWhosePodsArePendingIsNotReady() {
    status = "{\"observedGeneration\":3,\"unavailableReplicas\":2}";
    assertThat(readiness().isReady("deployments/netrng-server")).isFalse();
  }

  @Test
  void aMissingWorkloadIsNotReady(CapturedOutput output) {
    assertThat(readiness().isReady("daemonsets/netrng-client")).isFalse();
    assertThat(output)
        .contains("daemonsets/netrng-client cannot be asked for: the API answers 404");
  }

  @Test
  void anApiOfAnotherAuthorityIsNotTrusted(CapturedOutput output) throws Exception {
    status = daemonSet(2, 2, 2, 3);
    Files.write(account.resolve("ca.crt"), new Pki().authority().getEncoded());
    assertThat(readiness().isReady("daemonsets/netrng-server")).isFalse();
    assertThat(output)
        .contains("daemonsets/netrng-server cannot be asked for")
        .doesNotContain("a-token");
  }
}
