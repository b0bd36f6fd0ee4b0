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

  private final @Nullable String address;
  private @Nullable Run run;

  /** From a start to the next stop. Its lock guards the field. */
  private static final class Run {

    private @Nullable JmDNS mdns;
    private boolean stopped;

    synchronized boolean open(JmDNS opened) {
      mdns = stopped ? null : opened;
      return !stopped;
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
    this.address = address;
  }

  @Override
  public void start(Listener listener) {
    Run next = new Run();
    run = next;
    onThread(() -> {
      try {
        JmDNS opened = Mdns.open(address);
        if (next.open(opened)) {
          opened.addServiceListener(Mdns.TYPE, new Services(opened, listener));
        } else {
          opened.close();
        }
      } catch (IOException | RuntimeException e) {
        listener.onFailure(e.toString());
      }
    });
  }

  @Override
  public void stop() {
    JmDNS opened = run == null ? null : run.stop();
    if (opened != null) {
      // It takes two seconds.
      onThread(() -> {
        try {
          opened.close();
        } catch (IOException e) {
          log.atDebug().addKeyValue("reason", e.toString()).log("mDNS cannot be closed");
        }
      });
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
