// SPDX-License-Identifier: Apache-2.0
package io.netrng.mdns;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
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

  /** An address of the documentation (RFC 5737), which no packet is sent to. */
  private static final InetSocketAddress ELSEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);

  private Mdns() {}

  /**
   * Opens multicast DNS at one address of this machine. This takes a moment, and starts threads.
   *
   * @param address of the interface to use; the one of the default route if null
   * @throws IOException if this machine has no such address
   */
  public static JmDNS open(@Nullable String address) throws IOException {
    return JmDNS.create(address == null ? ofDefaultRoute() : InetAddress.ofLiteral(address));
  }

  /** Returns the address of the default route, else the first one on a network. */
  private static InetAddress ofDefaultRoute() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE);
      return socket.getLocalAddress();
    } catch (IOException e) {
      // There is no default route.
      return NetworkInterface.networkInterfaces()
          .filter(Mdns::isUsable)
          .flatMap(NetworkInterface::inetAddresses)
          .findFirst()
          .orElseThrow(() -> new IOException("this machine has no network with multicast"));
    }
  }

  private static boolean isUsable(NetworkInterface network) {
    try {
      return network.isUp() && !network.isLoopback() && network.supportsMulticast();
    } catch (SocketException e) {
      return false;
    }
  }
}
