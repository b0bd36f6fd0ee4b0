// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Resolves names with the operating system's resolver: /etc/hosts, DNS, mDNS and all other sources
 * in nsswitch.conf. It caches nothing. Each name has at most one lookup in progress, on its own
 * daemon thread, so that a lookup that hangs does not delay another name.
 */
public final class SystemResolver {

  private final Lookup lookup;
  private final Duration limit;
  private final Map<String, CompletableFuture<List<InetAddress>>> inProgress =
      new ConcurrentHashMap<>();
  private final Executor threads;

  /** A blocking lookup of all addresses of a name, in the order in which they should be tried. */
  @FunctionalInterface
  interface Lookup {

    /** Returns at least one address. */
    InetAddress[] addressesOf(String host) throws UnknownHostException;
  }

  /**
   * Makes a resolver.
   *
   * @param lookup finds the addresses
   * @param limit after which a lookup is reported as failed; the lookup may continue and serve a
   *     later call
   */
  SystemResolver(Lookup lookup, Duration limit) {
    this(lookup, limit, daemonThreads());
  }

  SystemResolver(Lookup lookup, Duration limit, Executor threads) {
    this.lookup = lookup;
    this.limit = limit;
    this.threads = threads;
  }

  private static Executor daemonThreads() {
    ThreadFactory factory = Thread.ofPlatform().daemon().name("netrng-lookup-", 0).factory();
    return task -> factory.newThread(task).start();
  }

  /**
   * Makes the JVM return the current results of the system's resolver, in the system's order. Call
   * this method before any use of the network, because the JDK reads these settings once. Settings
   * of the command line have precedence.
   */
  public static void configureJvm() {
    System.getProperties().putIfAbsent("java.net.preferIPv6Addresses", "system");
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  /**
   * Resolves a name.
   *
   * @param executor runs one of the two callbacks, and measures the limit
   * @param found receives the addresses in the system's order; they carry the name
   * @param failed receives the reason if there is no address
   */
  void resolve(
      String host,
      ScheduledExecutorService executor,
      Consumer<List<InetAddress>> found,
      Consumer<UnknownHostException> failed) {
    CompletableFuture<List<InetAddress>> result = lookUp(host).copy();
    // Not orTimeout(), which starts another thread for the rest of the run.
    Future<?> timer =
        executor.schedule(
            () -> result.completeExceptionally(new TimeoutException()),
            limit.toNanos(),
            TimeUnit.NANOSECONDS);
    var _ =
        result.whenCompleteAsync(
            (addresses, error) -> {
              timer.cancel(false);
              if (error == null) {
                found.accept(addresses);
              } else {
                failed.accept(toException(host, error));
              }
            },
            executor);
  }

  private CompletableFuture<List<InetAddress>> lookUp(String host) {
    CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> earlier = inProgress.putIfAbsent(host, result);
    if (earlier != null) {
      return earlier;
    }
    try {
      threads.execute(() -> complete(result, host));
    } catch (RuntimeException | Error e) {
      // No thread can be started.
      inProgress.remove(host);
      result.completeExceptionally(e);
    }
    return result;
  }

  private void complete(CompletableFuture<List<InetAddress>> result, String host) {
    try {
      result.complete(addressesOf(host));
    } catch (UnknownHostException | RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  private List<InetAddress> addressesOf(String host) throws UnknownHostException {
    try {
      InetAddress[] addresses = lookup.addressesOf(host);
      if (addresses.length == 0) {
        throw new UnknownHostException(host + ": the system's resolver returned no address");
      }
      return Arrays.stream(addresses).map(address -> withName(host, address)).toList();
    } finally {
      // Removed before the result is set, so that a caller that retries starts another lookup.
      inProgress.remove(host);
    }
  }

  /** Adds the name to the address, because TLS compares the server's certificate with the name. */
  static InetAddress withName(String host, InetAddress address) {
    try {
      return address instanceof Inet6Address scoped && scoped.getScopeId() != 0
          ? Inet6Address.getByAddress(host, scoped.getAddress(), scoped.getScopeId())
          : InetAddress.getByAddress(host, address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private UnknownHostException toException(String host, Throwable error) {
    Throwable cause =
        error instanceof CompletionException e && e.getCause() != null ? e.getCause() : error;
    return cause instanceof TimeoutException
        ? new UnknownHostException(
            host + ": the system's resolver has not answered for " + limit.toMillis() + " ms")
        : new UnknownHostException(
            cause instanceof UnknownHostException e && e.getMessage() != null
                ? e.getMessage()
                : host + ": " + cause);
  }
}
