// SPDX-License-Identifier: Apache-2.0
package io.netrng.readiness;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks once whether all pods of workloads are ready, for {@code helm test}: {@code java -cp
 * netrng-client-app.jar io.netrng.readiness.Readiness daemonsets/netrng-server}. It compares the
 * number of ready pods with the number that the API of Kubernetes wants, because a pod that is
 * pending has no address. The exit code is 0 if all are ready, else 1.
 */
public final class Readiness {

  /** The files of a pod's service account. */
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final URI api;
  private final Path account;

  /**
   * Makes a check that has asked nothing.
   *
   * @param api the address of the API
   * @param account the directory with ca.crt, token and namespace
   */
  Readiness(URI api, Path account) {
    this.api = api;
    this.account = account;
  }

  /** Checks workloads, such as {@code deployments/netrng-server}. */
  public static void main(String[] workloads) {
    URI api =
        URI.create(
            "https://%s:%s"
                .formatted(
                    bracketed(System.getenv("KUBERNETES_SERVICE_HOST")),
                    System.getenv("KUBERNETES_SERVICE_PORT")));
    Readiness readiness = new Readiness(api, ACCOUNT);
    // Does not stop at the first one, because each workload that is not ready is printed.
    long notReady = Arrays.stream(workloads).filter(w -> !readiness.isReady(w)).count();
    System.exit(workloads.length > 0 && notReady == 0 ? 0 : 1);
  }

  private static String bracketed(String host) {
    return host.contains(":") ? "[%s]".formatted(host) : host;
  }

  /** Returns whether all pods of a workload are ready; prints its state to standard output. */
  boolean isReady(String workload) {
    try {
      JsonNode object = get(workload);
      boolean isDaemonSet = workload.startsWith("daemonsets/");
      JsonNode status = object.path("status");
      int desired =
          isDaemonSet
              ? status.path("desiredNumberScheduled").asInt()
              : object.path("spec").path("replicas").asInt();
      int ready = status.path(isDaemonSet ? "numberReady" : "readyReplicas").asInt(0);
      int updated =
          status.path(isDaemonSet ? "updatedNumberScheduled" : "updatedReplicas").asInt(0);
      boolean isCurrent =
          status.path("observedGeneration").asLong(0)
              >= object.path("metadata").path("generation").asLong();
      System.out.printf(
          "%s: %d of %d pods are ready, %d are of this version%s%n",
          workload,
          ready,
          desired,
          updated,
          isCurrent ? "" : ", and the change is not observed yet");
      if (desired == 0) {
        System.out.println(workload + ": no pod is wanted; is a node labelled for it?");
      }
      return isCurrent && desired > 0 && ready >= desired && updated >= desired;
    } catch (IOException | GeneralSecurityException | JacksonException e) {
      System.out.println(workload + " cannot be asked for: " + e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private JsonNode get(String workload)
      throws IOException, GeneralSecurityException, InterruptedException {
    String path =
        "/apis/apps/v1/namespaces/%s/%s"
            .formatted(Files.readString(account.resolve("namespace")).strip(), workload);
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve(path))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + Files.readString(account.resolve("token")).strip())
            .build();
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(TIMEOUT).sslContext(trustedBy()).build()) {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException("the API answers " + response.statusCode());
      }
      return JsonMapper.shared().readTree(response.body());
    }
  }

  private SSLContext trustedBy() throws IOException, GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    try (InputStream in = Files.newInputStream(account.resolve("ca.crt"))) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        authorities.setCertificateEntry("ca-" + authorities.size(), each);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
