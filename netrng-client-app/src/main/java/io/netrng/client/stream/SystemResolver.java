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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Looks names up the way the operating system does: /etc/hosts, DNS, mDNS and whatever else
 * nsswitch.conf lists. Nothing is cached. Each name has at most one lookup in progress, on a daemon
 * thread of its own, so that a lookup that hangs does not delay another name.
 */
public final class SystemResolver implements AutoCloseable {

  private final Lookup lookup;
  private final Duration limit;
  private final Map<String, CompletableFuture<List<InetAddress>>> inProgress =
      new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("netrng-lookup-", 0).factory());

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
   * @param limit after which a lookup is reported as failed; it may go on and serve a later call
   */
  SystemResolver(Lookup lookup, Duration limit) {
    this.lookup = lookup;
    this.limit = limit;
  }

  /**
   * Makes the JVM return what the system's resolver returns now, in the system's order. Call it
   * before anything uses the network: the JDK reads these settings once. Settings of the command
   * line have precedence.
   */
  public static void configureJvm() {
    System.getProperties().putIfAbsent("java.net.preferIPv6Addresses", "system");
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }

  /**
   * Looks a name up.
   *
   * @param executor runs the one of the two that is called
   * @param found receives the addresses in the system's order; they carry the name
   * @param failed receives why there is none
   */
  void resolve(
      String host,
      Executor executor,
      Consumer<List<InetAddress>> found,
      Consumer<UnknownHostException> failed) {
    var _ =
        inProgress
            .computeIfAbsent(host, this::begin)
            .copy()
            .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
            .whenCompleteAsync(
                (addresses, error) -> {
                  if (error == null) {
                    found.accept(addresses);
                  } else {
                    failed.accept(failure(host, error));
                  }
                },
                executor);
  }

  private CompletableFuture<List<InetAddress>> begin(String host) {
    CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    threads.execute(() -> {
      try {
        List<InetAddress> found =
            Arrays.stream(lookup.addressesOf(host)).map(address -> named(host, address)).toList();
        inProgress.remove(host);
        result.complete(found);
      } catch (UnknownHostException | RuntimeException e) {
        inProgress.remove(host);
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** TLS compares the server's certificate with the name, so the address must carry it. */
  private static InetAddress named(String host, InetAddress address) {
    try {
      return address instanceof Inet6Address scoped && scoped.getScopeId() != 0
          ? Inet6Address.getByAddress(host, scoped.getAddress(), scoped.getScopeId())
          : InetAddress.getByAddress(host, address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private UnknownHostException failure(String host, Throwable error) {
    Throwable cause =
        error instanceof CompletionException e && e.getCause() != null ? e.getCause() : error;
    return cause instanceof TimeoutException
        ? new UnknownHostException(
            host + ": the system's resolver has not answered for " + limit.toMillis() + " ms")
        : new UnknownHostException(String.valueOf(cause.getMessage()));
  }

  /** Abandons lookups in progress; their threads are daemons. */
  @Override
  public void close() {
    var _ = threads.shutdownNow();
  }
}
