package io.netrng.server.security;

import io.netrng.startup.StartupException;
import io.netrng.tls.Loopback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a connection has to pass before anything that its client says is believed. */
public final class Gate {

  private static final Logger log = LoggerFactory.getLogger(Gate.class);

  private final SecurityProperties properties;

  /** Makes a gate without TLS. */
  public Gate(SecurityProperties properties) {
    this.properties = properties;
  }

  /**
   * Says how far the clients are trusted, once, before the server listens.
   *
   * @throws StartupException if the stream would leave this machine in plain TCP and nobody has
   *     allowed it
   */
  public void open(String bindAddress) {
    if (Loopback.is(bindAddress)) {
      log.atInfo().log("plain TCP on loopback: labels are taken on trust");
    } else if (properties.allowPlaintext()) {
      log.atWarn()
          .addKeyValue("address", bindAddress)
          .log(
              "plain TCP beyond loopback: whoever is on the network can read and change the"
                  + " entropy, and labels are taken on trust (netrng.server.allow-plaintext)");
    } else {
      throw new StartupException(
          "netrng.server.bind-address = %s would serve entropy in plain TCP beyond this machine."
              .formatted(bindAddress),
          "Set netrng.server.allow-plaintext=true if the network is trusted, or listen on"
              + " 127.0.0.1.");
    }
  }
}
