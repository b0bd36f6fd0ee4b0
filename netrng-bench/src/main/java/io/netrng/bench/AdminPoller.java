// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sends HTTP requests to a server without a pause, in a separate process. It prints one line after
 * the first response, and exits at the end of its standard input.
 *
 * <p>Arguments: HTTP port, file of the token, path of the request.
 */
public final class AdminPoller {

  static final String CLIENTS = "/api/v1/clients?size=10000";

  private static final int OK = 200;

  private AdminPoller() {}

  /** Starts the process and waits for the first response. */
  static Worker start(RunningApp server, String path) throws IOException {
    Worker poller =
        Worker.start(AdminPoller.class, server.httpPort(), RunningApp.ADMIN_TOKEN, path);
    poller.readLine();
    return poller;
  }

  public static void main(String[] args) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + args[0] + args[2]))
            .header("Authorization", "Bearer " + Files.readString(Path.of(args[1])).strip())
            .build();
    HttpClient http = HttpClient.newHttpClient();
    Thread.ofPlatform().daemon().start(() -> poll(http, request));
    System.in.transferTo(System.out);
  }

  private static void poll(HttpClient http, HttpRequest request) {
    try {
      for (long answers = 0; true; answers++) {
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != OK) {
          throw new IOException("status " + status);
        }
        if (answers == 0) {
          System.out.println("answered");
        }
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("the program that asks: " + e);
      System.exit(1);
    }
  }
}
