// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.discovery;

import io.netrng.mdns.Mdns;
import io.netrng.net.HostName;
import io.netrng.net.Loopback;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.StreamServer;
import io.netrng.startup.CheckedLifecycle;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;

/**
 * Announces the stream in the local network while the server listens, if this is configured. JmDNS
 * and its threads exist only then. Its methods block, so short-lived threads call them.
 */
final class MdnsAnnouncer implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(MdnsAnnouncer.class);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final MdnsProperties properties;
  private final String bindAddress;
  private final TransportSecurity security;
  private final StreamServer server;
  private final TaskScheduler scheduler;

  private @Nullable Announcement announcement;

  MdnsAnnouncer(
      MdnsProperties properties,
      String bindAddress,
      TransportSecurity security,
      StreamServer server,
      TaskScheduler scheduler) {
    this.properties = properties;
    this.bindAddress = bindAddress;
    this.security = security;
    this.server = server;
    this.scheduler = scheduler;
  }

  @Override
  public void checkStart() {
    if (!properties.mdns()) {
      return;
    }
    if (security.mode() != TransportSecurity.Mode.MUTUAL_TLS) {
      throw new StartupException(
          "netrng.server.mdns = true is not possible: without client certificates, any machine in"
              + " the network could find and use the server.",
          "Set netrng.server.tls.bundle, and netrng.server.tls.client-auth=need.");
    }
    if (Loopback.is(bindAddress)) {
      throw new StartupException(
          "netrng.server.mdns = true is not possible: netrng.server.bind-address = %s is only for"
                  .formatted(bindAddress)
              + " this machine.",
          "Set netrng.server.bind-address to an address of the network, or to 0.0.0.0 or ::.");
    }
  }

  @Override
  public synchronized void start() {
    checkStart();
    InetSocketAddress address = server.address();
    if (properties.mdns() && address != null) {
      announcement = new Announcement(interfaceAddress(address), address.getPort());
      announcement.open();
    }
  }

  /** Returns the address of the interface to use; null is the one of the default route. */
  private @Nullable String interfaceAddress(InetSocketAddress listener) {
    InetAddress bound = listener.getAddress();
    return properties.mdnsAddress() != null || bound.isAnyLocalAddress()
        ? properties.mdnsAddress()
        : bound.getHostAddress();
  }

  @Override
  public synchronized void stop(Runnable callback) {
    Announcement last = announcement;
    announcement = null;
    if (last == null) {
      callback.run();
    } else {
      last.close(callback);
    }
  }

  /** Required by SmartLifecycle; Spring calls stop(Runnable). */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public synchronized boolean isRunning() {
    return announcement != null;
  }

  /** From a start to the next stop. The lock guards the fields. */
  private final class Announcement {

    private final @Nullable String address;
    private final int port;
    private @Nullable JmDNS mdns;
    private @Nullable InetAddress announced;
    private boolean closed;

    private Announcement(@Nullable String address, int port) {
      this.address = address;
      this.port = port;
    }

    private void open() {
      onThread(() -> {
        try {
          announce();
        } catch (IOException | RuntimeException e) {
          log.atWarn()
              .addKeyValue("reason", e.toString())
              .addKeyValue("retry-after-ms", RETRY_AFTER.toMillis())
              .log("server cannot be announced");
          var _ = scheduler.schedule(this::open, Instant.now().plus(RETRY_AFTER));
        }
      });
    }

    private void check() {
      onThread(() -> {
        if (withdrawFromOtherInterface()) {
          open();
        } else if (isAnnounced()) {
          scheduleCheck();
        }
      });
    }

    private synchronized boolean isAnnounced() {
      return mdns != null && !closed;
    }

    private void scheduleCheck() {
      var _ = scheduler.schedule(this::check, Instant.now().plus(Mdns.INTERFACE_CHECK));
    }

    /** Without a default route, the server keeps its interface, because the route may return. */
    private synchronized boolean withdrawFromOtherInterface() {
      try {
        JmDNS present = mdns;
        InetAddress wanted = Mdns.address(address);
        if (present == null || closed || wanted.equals(announced)) {
          return false;
        }
        log.atInfo()
            .addKeyValue("address", wanted.getHostAddress())
            .log("default route has changed: server is announced there");
        mdns = null;
        present.close();
        return true;
      } catch (IOException | RuntimeException e) {
        log.atDebug().addKeyValue("reason", e.toString()).log("announcement keeps its interface");
        return mdns == null;
      }
    }

    private synchronized void announce() throws IOException {
      if (closed) {
        return;
      }
      InetAddress at = Mdns.address(address);
      JmDNS opened = Mdns.open(at);
      ServiceInfo service =
          ServiceInfo.create(
              Mdns.TYPE, HostName.get(), port, 0, 0, Map.of(Mdns.PROTOCOL_KEY, Mdns.PROTOCOL));
      try {
        opened.registerService(service);
      } catch (IOException | RuntimeException e) {
        opened.close();
        throw e;
      }
      mdns = opened;
      announced = at;
      if (address == null) {
        scheduleCheck();
      }
      log.atInfo()
          .addKeyValue("service", service.getQualifiedName())
          .addKeyValue("address", opened.getInetAddress().getHostAddress() + ":" + port)
          .log("server is announced in the local network");
    }

    /** Withdraws the service, which takes two seconds. */
    private void close(Runnable callback) {
      onThread(() -> {
        try {
          withdraw();
        } catch (IOException | RuntimeException e) {
          log.atDebug().addKeyValue("reason", e.toString()).log("announcement cannot be withdrawn");
        } finally {
          callback.run();
        }
      });
    }

    private synchronized void withdraw() throws IOException {
      closed = true;
      if (mdns != null) {
        mdns.close();
      }
    }

    private static void onThread(Runnable task) {
      Thread.ofPlatform().daemon().name("netrng-mdns").start(task);
    }
  }
}
