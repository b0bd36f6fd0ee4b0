// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.audit.AuditLog;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.security.SecurityProperties;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.source.Source;
import io.netrng.server.source.Sources;
import io.netrng.testing.PeriodicTasks;
import io.netrng.testkit.RawClient;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import io.netrng.unit.Percentage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The real server without Spring: devices, distribution, sessions and listener. */
public final class TestServer implements AutoCloseable {

  public static final int SAMPLE_SIZE = 1_024;
  static final long GUARANTEE = 640;

  /** More than all clients of a test are promised, in bytes per second. */
  private static final double CAPACITY = 1e9;

  public static final SecurityProperties SECURITY =
      new SecurityProperties(
          true, List.of(), new SecurityProperties.Tls(null, "need", KeyExchange.HYBRID_PREFERRED));

  private final List<SessionEvent> events = new CopyOnWriteArrayList<>();
  private final Source source;
  private final TransportSecurity security;
  private final ClientAuthenticator authenticator;
  private final Distributor distributor;
  private final SessionRegistry sessions;
  private final EventLoops loops = new EventLoops();
  private final TcpListeners listeners;
  private final StreamServer server;
  private volatile Runnable whileAdmitting = () -> {};
  private volatile DoubleSupplier capacity = () -> CAPACITY;

  private TestServer(
      SessionProperties properties,
      LimitsProperties limits,
      TransportSecurity security,
      ClientAuthenticator authenticator,
      AuditLog audit,
      Path... devices) {
    this.security = security;
    this.authenticator = authenticator;
    source = Sources.source(SAMPLE_SIZE, devices);
    distributor =
        new Distributor(
            source.stream(), System::nanoTime, limits.writeBuffer().toBytes(), 1 << 20, 100);
    Admission admission =
        new Admission(
            properties,
            () -> {
              whileAdmitting.run();
              return source.availability();
            },
            () -> capacity.getAsDouble(),
            () -> {},
            System::nanoTime,
            new Random(1));
    sessions =
        new SessionRegistry(
            properties,
            limits,
            source,
            distributor,
            authenticator,
            admission,
            event -> events.add((SessionEvent) event),
            audit);
    listeners = new TcpListeners(limits, admission, loops);
    server = listener(properties, limits, security, sessions, listeners, distributor, source);
    source.start();
    server.start();
  }

  /** Makes a listener that has not started, and that nobody waits for. */
  static StreamServer listener(
      SessionProperties properties,
      LimitsProperties limits,
      TransportSecurity security,
      SessionRegistry sessions,
      TcpListeners listeners,
      Distributor distributor,
      Source source) {
    return new StreamServer(
        properties,
        limits,
        security,
        sessions,
        listeners,
        distributor,
        source,
        PeriodicTasks.SCHEDULER,
        _ -> {});
  }

  public static TestServer start() {
    return start(100, Duration.ofSeconds(10), Path.of("/dev/urandom"));
  }

  public static TestServer start(int maxClients, Duration keepalive, Path... devices) {
    SessionProperties properties = properties(0, maxClients, keepalive);
    return started(
        new TestServer(
            properties,
            limits(),
            security(SECURITY),
            new ClientAuthenticator(SECURITY),
            AuditLog.off(),
            devices),
        devices);
  }

  /** One with limits of its own. */
  static TestServer start(int maxClients, LimitsProperties limits) {
    return start(maxClients, limits, AuditLog.off());
  }

  /** One that records its deliveries. */
  static TestServer start(AuditLog audit) {
    return start(100, limits(), audit);
  }

  private static TestServer start(int maxClients, LimitsProperties limits, AuditLog audit) {
    Path device = Path.of("/dev/urandom");
    SessionProperties properties = properties(0, maxClients, Duration.ofSeconds(10));
    return started(
        new TestServer(
            properties,
            limits,
            security(SECURITY),
            new ClientAuthenticator(SECURITY),
            audit,
            device),
        device);
  }

  /** One with policies for certain clients. */
  public static TestServer startWith(SessionProperties.ClientPolicy... clients) {
    return start(security(SECURITY), new ClientAuthenticator(SECURITY), limits(), clients);
  }

  /** The same with its own security and limits. */
  public static TestServer start(
      TransportSecurity security,
      ClientAuthenticator authenticator,
      LimitsProperties limits,
      SessionProperties.ClientPolicy... clients) {
    SessionProperties properties =
        new SessionProperties(
            "127.0.0.1",
            0,
            100,
            new DataRate(GUARANTEE),
            null,
            Percentage.valueOf("10%"),
            List.of(clients),
            Duration.ofSeconds(10));
    Path device = Path.of("/dev/urandom");
    return started(
        new TestServer(properties, limits, security, authenticator, AuditLog.off(), device),
        device);
  }

  private static TestServer started(TestServer started, Path... devices) {
    if (devices[0].startsWith("/dev") || Files.isRegularFile(devices[0])) {
      await("the device is read and measured")
          .until(() -> started.source.availability() instanceof Source.Availability.Available);
    }
    return started;
  }

  static SessionProperties properties(int port, int maxClients, Duration keepalive) {
    return properties("127.0.0.1", port, maxClients, keepalive);
  }

  static SessionProperties properties(
      String bindAddress, int port, int maxClients, Duration keepalive) {
    return new SessionProperties(
        bindAddress,
        port,
        maxClients,
        new DataRate(GUARANTEE),
        null,
        Percentage.valueOf("10%"),
        List.of(),
        keepalive);
  }

  /** Plain TCP. */
  public static TransportSecurity security(SecurityProperties properties) {
    return new TransportSecurity(properties, limits(), null);
  }

  /** The limits, which are the defaults but for names and values that are given in turn. */
  public static LimitsProperties limits(String... namesAndValues) {
    Map<String, String> properties = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put("netrng.server.limits." + namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("netrng.server.limits", LimitsProperties.class);
  }

  /** Sets what happens while a client is being admitted, when holds have been looked at. */
  void whileAdmitting(Runnable action) {
    whileAdmitting = action;
  }

  /** Sets how much the devices give, in bytes per second. */
  public void capacity(DoubleSupplier next) {
    capacity = next;
  }

  InetSocketAddress address() {
    return Objects.requireNonNull(server.address(), "not listening");
  }

  RawClient connect() throws IOException {
    return new RawClient(address());
  }

  public TcpListeners listeners() {
    return listeners;
  }

  Distributor distributor() {
    return distributor;
  }

  public Source source() {
    return source;
  }

  public TransportSecurity security() {
    return security;
  }

  public ClientAuthenticator authenticator() {
    return authenticator;
  }

  public SessionRegistry sessions() {
    return sessions;
  }

  StreamServer listener() {
    return server;
  }

  public List<SessionEvent> events() {
    return events;
  }

  public ClientSession session(String label) {
    return sessions.clients().stream()
        .filter(client -> client.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  void awaitNobody() {
    await("all connections are gone").until(() -> sessions.connections() == 0);
    assertThat(sessions.clients()).isEmpty();
  }

  /** Stops listening, as Spring does it. */
  void stop() {
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    server.stop(() -> stopped.complete(true));
    assertThat(stopped).as("the server has stopped").succeedsWithin(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    stop();
    loops.close();
    source.stop();
  }
}
