// SPDX-License-Identifier: Apache-2.0
package io.netrng.mdns;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.jmdns.JmDNS;
import org.jspecify.annotations.Nullable;

/** The service of NetRNG's servers in multicast DNS (RFC 6762, RFC 6763). */
public final class Mdns {

  /** The type of the service. */
  public static final String TYPE = "_netrng._tcp.local.";

  /**
   * The key in the TXT record that contains the version of the stream protocol. Other programs
   * announce the same type without this key.
   */
  public static final String PROTOCOL_KEY = "proto";

  /** The version of the stream protocol. */
  public static final String PROTOCOL = "1";

  /** Between two comparisons of the interface in use with that of the default route. */
  public static final Duration INTERFACE_CHECK = Duration.ofSeconds(10);

  /** An address of the documentation (RFC 5737), which no packet is sent to. */
  private static final InetSocketAddress ELSEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("203.0.113.1"), 9);

  private Mdns() {}

  /**
   * Returns the address of the interface to use.
   *
   * @param address the configured one; null selects that of the default route
   * @throws IOException if there is no default route
   */
  public static InetAddress address(@Nullable String address) throws IOException {
    return address == null ? ofDefaultRoute() : InetAddress.ofLiteral(address);
  }

  /**
   * Opens multicast DNS at one address of this machine. This takes a moment, and starts threads.
   *
   * @throws IOException if this machine has no such address
   */
  public static JmDNS open(InetAddress address) throws IOException {
    // Otherwise, JmDNS waits for a name server, which many such networks do not have.
    String name = address.getHostAddress();
    return JmDNS.create(InetAddress.getByAddress(name, address.getAddress()));
  }

  private static InetAddress ofDefaultRoute() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE);
      return socket.getLocalAddress();
    } catch (IOException e) {
      throw new IOException("this machine has no default route", e);
    }
  }
}
