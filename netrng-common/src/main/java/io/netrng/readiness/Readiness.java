package io.netrng.readiness;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.util.Arrays;

/**
 * Checks once whether servers and clients are ready: {@code java -cp netrng-client-app.jar
 * io.netrng.readiness.Readiness http://netrng-client:8081}. A name may resolve to several machines,
 * as with a headless Service of Kubernetes. The program then checks each address. The exit code is
 * 0 if all are ready, else 1.
 */
public final class Readiness {

  private static final String PATH = "/actuator/health/readiness";
  private static final int TIMEOUT_MILLIS = 5_000;

  private Readiness() {}

  public static void main(String[] urls) {
    // Does not stop at the first failure, because each app that is not ready is logged.
    long notReady = Arrays.stream(urls).filter(url -> !areReady(URI.create(url))).count();
    System.exit(urls.length > 0 && notReady == 0 ? 0 : 1);
  }

  /**
   * Returns whether all addresses of a URL's host are ready; prints the state of each to standard
   * output.
   */
  static boolean areReady(URI url) {
    try {
      boolean all = true;
      for (InetAddress address : InetAddress.getAllByName(url.getHost())) {
        all &= isReady(url, address);
      }
      return all;
    } catch (IOException e) {
      say(url + " has no address: nothing is ready there, or the name is wrong");
      return false;
    }
  }

  private static boolean isReady(URI url, InetAddress address) {
    String where = url.getHost() + " at " + address.getHostAddress();
    try {
      URI each = new URI("http", null, address.getHostAddress(), url.getPort(), PATH, null, null);
      HttpURLConnection connection = (HttpURLConnection) each.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      int status = connection.getResponseCode();
      connection.disconnect();
      boolean ready = status == HttpURLConnection.HTTP_OK;
      say(where + (ready ? " is ready" : " is not ready: it answers " + status));
      return ready;
    } catch (Exception e) {
      say(where + " does not answer: " + e.getMessage());
      return false;
    }
  }

  private static void say(String sentence) {
    System.out.println(sentence);
  }
}
