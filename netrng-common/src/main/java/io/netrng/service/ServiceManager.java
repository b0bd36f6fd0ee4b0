// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;

/**
 * Notifies the service manager that started this process, such as systemd, by the datagrams of
 * sd_notify(3). It reports that the app is ready, reloads, stops or is alive, and its status.
 * Without a manager, all methods do nothing. Any thread may call any method.
 */
public final class ServiceManager implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

  private static final Duration SEND_WITHIN = Duration.ofSeconds(1);
  private static final long NANOS_PER_MICRO = 1_000;

  /** The number of keepalives within the timeout of the watchdog. */
  private static final int KEEPALIVES = 3;

  /** Uses a separate thread that no other task can delay; null without a manager. */
  private final @Nullable Channel socket;

  private final Duration watchdog;
  private final ApplicationAvailability availability;
  private final Supplier<ServiceStatus> status;
  private final AtomicBoolean probing = new AtomicBoolean();
  private volatile boolean ready;
  private String lastLine = "";

  /**
   * Connects to the manager, if one exists.
   *
   * @param environment the variables of this process, which name the manager's socket and timeout
   * @param availability the app is alive while its liveness is correct
   * @param status read when the app is ready
   */
  public ServiceManager(
      Map<String, String> environment,
      ApplicationAvailability availability,
      Supplier<ServiceStatus> status) {
    socket = connect(environment.get("NOTIFY_SOCKET"));
    watchdog = watchdog(environment);
    this.availability = availability;
    this.status = status;
  }

  private static @Nullable Channel connect(@Nullable String address) {
    if (address == null) {
      return null;
    }
    try {
      return connectTo(address);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("address", address)
          .addKeyValue("reason", e.getMessage())
          .log("service manager cannot be notified");
      return null;
    }
  }

  /** Connects to a path, or to an abstract name after {@code @}. */
  private static Channel connectTo(String address) throws IOException {
    if (!address.startsWith("/") && !address.startsWith("@")) {
      throw new IOException(address + " is no unix socket");
    }
    if (!Epoll.isAvailable()) {
      throw new IOException("Netty has no native transport for this system");
    }
    // On Linux, abstract names begin with NUL, which an environment variable cannot contain.
    String name = address.startsWith("@") ? '\0' + address.substring(1) : address;
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("netrng-service", true), EpollIoHandler.newFactory());
    ChannelFuture connected =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new DomainSocketAddress(name))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new IOException(connected.cause().toString(), connected.cause());
    }
    return connected.channel();
  }

  private static Duration watchdog(Map<String, String> environment) {
    String own = Long.toString(ProcessHandle.current().pid());
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean ours = environment.getOrDefault("WATCHDOG_PID", own).equals(own);
    return ours && micros.matches("[0-9]{1,18}")
        ? Duration.of(Long.parseLong(micros), ChronoUnit.MICROS)
        : Duration.ZERO;
  }

  /**
   * Returns the time without a keepalive after which the manager kills the process; zero means
   * never.
   */
  Duration watchdog() {
    return watchdog;
  }

  /** Runs when all listeners are open. */
  @EventListener(ApplicationReadyEvent.class)
  void ready() {
    ready = true;
    // The manager has kept the extension by an earlier program.
    send((watchdog.isZero() ? "" : watchdogLine(watchdog)) + "READY=1");
    if (socket != null) {
      ServiceStatus reported = status.get();
      Duration keepalive = watchdog.dividedBy(KEEPALIVES);
      boolean isLong = keepalive.isZero() || keepalive.compareTo(REPORT_INTERVAL) > 0;
      var _ =
          socket
              .eventLoop()
              .scheduleAtFixedRate(
                  () -> report(reported),
                  0,
                  (isLong ? REPORT_INTERVAL : keepalive).toNanos(),
                  TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Notifies the manager of a reload.
   *
   * @param reload reloads the configuration, and has finished when it returns
   */
  public void reloading(Runnable reload) {
    boolean notifies = ready;
    if (notifies) {
      send("RELOADING=1");
    }
    try {
      reload.run();
    } finally {
      if (notifies) {
        send("READY=1");
      }
    }
  }

  /**
   * Notifies the manager that this process replaces its program, and returns when the notification
   * is sent. The manager keeps the process alive until the new program is ready.
   *
   * @param limit how long the new program may need
   */
  public void replacing(Duration limit) {
    if (socket != null) {
      String watched = watchdog.isZero() ? "" : watchdogLine(limit);
      send(watched + "STATUS=replacing the program");
      // The last notification before the program ends.
      var _ = socket.eventLoop().submit(() -> {}).awaitUninterruptibly(SEND_WITHIN.toMillis());
    }
  }

  private static String watchdogLine(Duration timeout) {
    return "WATCHDOG_USEC=%d%n".formatted(timeout.toNanos() / NANOS_PER_MICRO);
  }

  @EventListener(ContextClosedEvent.class)
  void stopping() {
    ready = false;
    send("STOPPING=1");
  }

  private void report(ServiceStatus reported) {
    try {
      // Only one probe at a time, because probes would queue up at a thread that hangs.
      if (probing.compareAndSet(false, true)) {
        probe(reported.threads().get().iterator());
      }
      sendStatus(reported.line().get());
    } catch (RuntimeException e) {
      // The event loop would not log the failure, and would not run the task again.
      log.atError().setCause(e).log("report to the service manager failed unexpectedly");
    }
  }

  /** Runs on all threads in turn, and sends the keepalive if none of them hangs. */
  private void probe(Iterator<? extends Executor> rest) {
    if (rest.hasNext()) {
      try {
        rest.next().execute(() -> probe(rest));
      } catch (RejectedExecutionException _) {
        // The thread has ended, because the app ends.
      }
      return;
    }
    probing.set(false);
    if (availability.getLivenessState() == LivenessState.CORRECT) {
      send("WATCHDOG=1");
    }
  }

  /**
   * Sends the status if it has changed.
   *
   * @param text may contain text from a server; control characters, which could begin another
   *     message, are replaced
   */
  void sendStatus(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    if (!line.equals(lastLine)) {
      lastLine = line;
      send("STATUS=" + line);
    }
  }

  /** Sends one datagram; a datagram that cannot be sent is lost. */
  private void send(String message) {
    if (socket != null) {
      var _ =
          socket.writeAndFlush(ByteBufUtil.writeUtf8(UnpooledByteBufAllocator.DEFAULT, message));
    }
  }

  /** Ends the thread after the last datagram. */
  @Override
  public void close() {
    if (socket != null) {
      EventLoopGroup group = socket.eventLoop().parent();
      // The group alone would close the channel first, and lose unsent datagrams.
      var _ =
          socket
              .close()
              .addListener(closed -> {
                var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
              });
    }
  }
}
