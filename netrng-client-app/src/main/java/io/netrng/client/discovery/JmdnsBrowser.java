// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import io.netrng.mdns.Mdns;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Browses with JmDNS, which starts its threads only here. */
public final class JmdnsBrowser implements MdnsBrowser {

  private static final Logger log = LoggerFactory.getLogger(JmdnsBrowser.class);

  private final Network network;
  private @Nullable Run run;

  /** The part of this machine that the browser uses; tests replace it. */
  interface Network {

    /** Returns the address of the interface to use now. */
    InetAddress address() throws IOException;

    /** Opens multicast DNS there. */
    JmDNS open(InetAddress address) throws IOException;
  }

  /** From a start to the next stop or failure. Its lock guards the fields. */
  private static final class Run {

    private final Listener listener;
    private @Nullable JmDNS mdns;
    private @Nullable InetAddress address;
    private boolean stopped;

    private Run(Listener listener) {
      this.listener = listener;
    }

    synchronized boolean open(JmDNS opened, InetAddress at) {
      mdns = stopped ? null : opened;
      address = at;
      return !stopped;
    }

    synchronized boolean isOpenElsewhereThan(InetAddress wanted) {
      return mdns != null && !stopped && !wanted.equals(address);
    }

    synchronized @Nullable JmDNS stop() {
      stopped = true;
      return mdns;
    }
  }

  /**
   * Makes a browser that is not started.
   *
   * @param address of the interface to use; the one of the default route if null
   */
  public JmdnsBrowser(@Nullable String address) {
    this(
        new Network() {
          @Override
          public InetAddress address() throws IOException {
            return Mdns.address(address);
          }

          @Override
          public JmDNS open(InetAddress at) throws IOException {
            return Mdns.open(at);
          }
        });
  }

  JmdnsBrowser(Network network) {
    this.network = network;
  }

  @Override
  public void start(Listener listener) {
    Run next = new Run(listener);
    run = next;
    onThread(() -> browse(next));
  }

  private void browse(Run next) {
    JmDNS opened = null;
    try {
      InetAddress address = network.address();
      opened = network.open(address);
      if (next.open(opened, address)) {
        opened.addServiceListener(Mdns.TYPE, new Services(opened, next.listener));
      } else {
        close(opened);
      }
    } catch (IOException | RuntimeException | Error e) {
      // Without its threads, a failed browser would never report the failure.
      next.listener.onFailure(e.toString());
      if (opened != null) {
        close(opened);
      }
    }
  }

  @Override
  public void checkInterface() {
    Run present = run;
    if (present != null) {
      onThread(() -> checkInterface(present));
    }
  }

  /** Without a default route, the browser keeps its interface, because the route may return. */
  private void checkInterface(Run present) {
    try {
      InetAddress wanted = network.address();
      if (present.isOpenElsewhereThan(wanted)) {
        JmDNS opened = present.stop();
        present.listener.onFailure(
            "the default route now uses the address " + wanted.getHostAddress());
        if (opened != null) {
          close(opened);
        }
      }
    } catch (IOException e) {
      log.atDebug().addKeyValue("reason", e.toString()).log("mDNS keeps its interface");
    }
  }

  @Override
  public void stop() {
    JmDNS opened = run == null ? null : run.stop();
    if (opened != null) {
      onThread(() -> close(opened));
    }
  }

  /** Takes two seconds. */
  private static void close(JmDNS opened) {
    try {
      opened.close();
    } catch (IOException e) {
      log.atDebug().addKeyValue("reason", e.toString()).log("mDNS cannot be closed");
    }
  }

  private static void onThread(Runnable task) {
    Thread.ofPlatform().daemon().name("netrng-mdns").start(task);
  }

  /** Filters and converts the events of JmDNS. */
  private record Services(JmDNS mdns, Listener listener) implements ServiceListener {

    @Override
    public void serviceAdded(ServiceEvent event) {
      mdns.requestServiceInfo(event.getType(), event.getName(), true);
    }

    @Override
    public void serviceRemoved(ServiceEvent event) {
      listener.onRemoval(event.getName());
    }

    /** JmDNS calls this several times, first without the TXT record or without an address. */
    @Override
    public void serviceResolved(ServiceEvent event) {
      ServiceInfo service = event.getInfo();
      if (Mdns.PROTOCOL.equals(service.getPropertyString(Mdns.PROTOCOL_KEY))) {
        List<SrvRecord> records = records(service);
        if (!records.isEmpty()) {
          listener.onService(event.getName(), records);
        }
      }
    }

    private static List<SrvRecord> records(ServiceInfo service) {
      return Stream.<InetAddress>concat(
              Arrays.stream(service.getInet4Addresses()),
              // A link-local address of another machine has no scope here.
              Arrays.stream(service.getInet6Addresses()).filter(a -> !a.isLinkLocalAddress()))
          .filter(found -> service.getPort() > 0)
          .map(found ->
              new SrvRecord(
                  service.getPriority(),
                  service.getWeight(),
                  new ServerAddress(NetUtil.toAddressString(found), service.getPort())))
          .toList();
    }
  }
}
