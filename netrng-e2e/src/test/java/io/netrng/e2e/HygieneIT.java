// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither the memory nor the log of an app contains entropy after the app has passed it on. */
class HygieneIT {

  /** More than the server reads in advance at its start, together with the ready buffer. */
  private static final int MARKED = 1 << 20;

  /** Enough bytes to reuse every buffer on the path. */
  private static final int LATER = 4 << 20;

  private static final long TLS_RECORD = 16 * 1024;

  /** The bytes of entropy in a seed of pollinate, which are the first ones of a sample. */
  private static final int SEED = 64;

  private static final String CHALLENGE = "0123456789abcdef";

  /** The bytes in each digest of a device that claims 4 bits per byte. */
  private static final int CONDITIONER_INPUT = 144;

  @Test
  void deliveredEntropyRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    leavesNothingOfADevice(directory, "");
  }

  @Test
  void entropyForTheSinkKernelRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    leavesNothingOfADevice(directory, "", "--netrng.client.sink=kernel");
  }

  /** Of a conditioned device, neither the bytes that were read remain nor their digests. */
  @Test
  void conditionedEntropyRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    Path fifo = directory.resolve("fifo");
    leavesNothing(
        directory,
        fifo,
        HygieneIT::withDigests,
        64.0 / CONDITIONER_INPUT,
        0,
        new String[] {
          "--netrng.server.source.devices[0].device=" + fifo,
          "--netrng.server.source.devices[0].min-entropy-per-byte=4"
        },
        "--netrng.client.max-rate=unlimited");
  }

  /** Returns the bytes, and their digests both as bytes and as the words of the digest's state. */
  private static byte[] withDigests(byte[] read) {
    ByteBuffer all = ByteBuffer.allocate(2 * read.length).put(read);
    for (int from = 0; from + CONDITIONER_INPUT <= read.length; from += CONDITIONER_INPUT) {
      ByteBuffer digest = ByteBuffer.wrap(sha512(read, from));
      all.put(digest.duplicate());
      while (digest.hasRemaining()) {
        all.putLong(Long.reverseBytes(digest.getLong()));
      }
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  private static byte[] sha512(byte[] read, int from) {
    MessageDigest sha512 = sha512();
    sha512.update(read, from, CONDITIONER_INPUT);
    return sha512.digest();
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void entropyOfAProgramRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    leavesNothingOfADevice(directory, "exec:cat ");
  }

  /**
   * BoringSSL decrypts each record in its own buffer and frees that without zeroing it. The
   * client's free memory may therefore contain some received records.
   */
  @Test
  void tlsLeavesAtMostEightRecordsOfEntropyInTheClientsMemory(@TempDir Path directory)
      throws Exception {
    Path certificates = directory.resolve("certs");
    Certificates.make(certificates, "127.0.0.1", "web-1");
    Path fifo = directory.resolve("fifo");
    leavesNothing(
        directory,
        fifo,
        8 * TLS_RECORD,
        Certificates.bundle(
            certificates,
            "server",
            "--netrng.server.tls.bundle=netrng",
            "--netrng.server.source.devices=" + fifo),
        Certificates.bundle(
            certificates,
            "web-1",
            "--netrng.client.tls.bundle=netrng",
            "--netrng.client.max-rate=unlimited"));
  }

  /**
   * Sends bytes in plain TCP.
   *
   * @param kind what stands before the path of the device
   */
  private static void leavesNothingOfADevice(
      Path directory, String kind, String... clientProperties) throws Exception {
    Path fifo = directory.resolve("fifo");
    List<String> properties = new ArrayList<>(List.of(clientProperties));
    properties.add("--netrng.client.max-rate=unlimited");
    leavesNothing(
        directory,
        fifo,
        0,
        new String[] {"--netrng.server.source.devices=" + kind + fifo},
        properties.toArray(String[]::new));
  }

  private static void leavesNothing(
      Path directory,
      Path fifo,
      long leftInClient,
      String[] serverProperties,
      String... clientProperties)
      throws Exception {
    leavesNothing(
        directory,
        fifo,
        UnaryOperator.identity(),
        1,
        leftInClient,
        serverProperties,
        clientProperties);
  }

  /**
   * Sends bytes through both apps and searches for them.
   *
   * @param searchedFor returns what must not remain of the bytes that the server reads
   * @param outputRatio the bytes that the server releases for each byte that it reads
   * @param leftInClient the maximum number of bytes that remain in the client
   */
  private static void leavesNothing(
      Path directory,
      Path fifo,
      UnaryOperator<byte[]> searchedFor,
      double outputRatio,
      long leftInClient,
      String[] serverProperties,
      String... clientProperties)
      throws Exception {
    // given
    byte[] marked = new byte[MARKED];
    new Random(7).nextBytes(marked);
    MemoryScanner needles = new MemoryScanner(searchedFor.apply(marked));
    try (KnownDevice _ = new KnownDevice(fifo, marked, later());
        AppProcess server = AppProcess.server(serverProperties);
        AppProcess client = client(server, clientProperties)) {

      // when the sink has taken all of them, because the client has received many later bytes
      client.awaitMetric("netrng_received_bytes_total", outputRatio * (MARKED + LATER / 2.0));

      // then
      for (AppProcess app : List.of(server, client)) {
        String whose = app == server ? "of the server" : "of the client";
        assertThat(needles.in(heapDump(app, directory))).as("in the heap dump " + whose).isZero();
        assertThat(needles.in(app.logFile())).as("in the log " + whose).isZero();
      }
      assertThat(needles.inMemoryOf(server.pid())).as("in the memory of the server").isZero();
      assertThat(needles.inMemoryOf(client.pid()) * Long.BYTES)
          .as("bytes of entropy in the memory of the client")
          .isLessThanOrEqualTo(leftInClient);
    }
  }

  @Test
  void entropyForTheOtherListenersRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    Path fifo = directory.resolve("fifo");
    listenersLeaveNothing(
        directory, fifo, List.of(), "http", "--netrng.server.source.devices=" + fifo);
  }

  @Test
  void entropyForHttpsRemainsInNoHeapDumpProcessMemoryOrLog(@TempDir Path directory)
      throws Exception {
    Path fifo = directory.resolve("fifo");
    Path certificates = directory.resolve("certs");
    Certificates.make(certificates, "127.0.0.1", "web-1");
    listenersLeaveNothing(
        directory,
        fifo,
        List.of(
            "--cacert",
            certificates.resolve("ca.crt").toString(),
            "--cert",
            certificates.resolve("web-1.crt").toString(),
            "--key",
            certificates.resolve("web-1.key").toString()),
        "https",
        Certificates.bundle(
            certificates,
            "server",
            "--netrng.server.tls.bundle=netrng",
            "--netrng.server.source.devices=" + fifo));
  }

  /**
   * The bytes go to an EGD client and to HTTP clients: as they are, in Base64, and as seeds of
   * pollinate.
   *
   * @param credentials options of curl
   */
  private static void listenersLeaveNothing(
      Path directory,
      Path fifo,
      List<String> credentials,
      String scheme,
      String... serverProperties)
      throws Exception {
    // given
    Path socket = directory.resolve("egd.sock");
    byte[] marked = new byte[MARKED];
    new Random(10).nextBytes(marked);
    MemoryScanner needles = new MemoryScanner(withEncodings(marked));
    List<String> properties = new ArrayList<>(List.of(serverProperties));
    properties.add("--netrng.server.entropy-api.port=0");
    properties.add("--netrng.server.entropy-api.pollinate.enabled=true");
    properties.add("--netrng.server.entropy-api.pollinate.ceiling=1MB/s");
    properties.add("--netrng.server.egd.listen[0]=" + socket);
    try (KnownDevice _ = new KnownDevice(fifo, marked, later());
        AppProcess server = AppProcess.server(properties.toArray(String[]::new))) {
      String api = "%s://127.0.0.1:%d/".formatted(scheme, server.entropyApiPort());

      // when all of them are delivered, and as many later bytes
      int rounds = 20;
      for (int i = 0; i < rounds; i++) {
        draw(credentials, api + "v1/random?bytes=40000");
        draw(credentials, api + "v1/entropy", "{\"block_size\":20000,\"block_count\":2}");
        draw(credentials, api, "challenge=" + CHALLENGE);
        drawOverEgd(socket, 40_000 / 250);
      }
      assertThat(rounds * 120_000).isGreaterThan(2 * MARKED);

      // then
      assertThat(needles.in(heapDump(server, directory))).as("in the heap dump").isZero();
      assertThat(needles.in(server.logFile())).as("in the log").isZero();
      assertThat(needles.inMemoryOf(server.pid())).as("in the memory").isZero();
    }
  }

  /**
   * Returns the bytes, their Base64 from each of three consecutive bytes on, and the seeds of
   * pollinate from each possible begin of a sample on, as bytes and as text.
   */
  private static byte[] withEncodings(byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(bytes);
    for (int from = 0; from < 3; from++) {
      byte[] rest = Arrays.copyOfRange(bytes, from, bytes.length);
      byte[] text = Base64.getEncoder().encode(rest);
      all.write(text, 0, text.length - text.length % Long.BYTES);
    }
    for (int from = 0; from + SEED <= bytes.length; from += SEED) {
      byte[] seed = seed(bytes, from);
      all.writeBytes(seed);
      all.writeBytes(HexFormat.of().formatHex(seed).getBytes(StandardCharsets.US_ASCII));
    }
    return all.toByteArray();
  }

  private static byte[] seed(byte[] bytes, int from) {
    MessageDigest sha512 = sha512();
    sha512.update(CHALLENGE.getBytes(StandardCharsets.US_ASCII));
    sha512.update(bytes, from, SEED);
    return sha512.digest();
  }

  /**
   * Requests entropy with curl.
   *
   * @param body none for GET
   */
  private static void draw(List<String> credentials, String url, String... body) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-fsS", "-o", "/dev/null"));
    command.addAll(credentials);
    for (String data : body) {
      command.addAll(List.of("-d", data));
    }
    command.add(url);
    Machine.run(command);
  }

  private static void drawOverEgd(Path socket, int requests) throws IOException {
    try (SocketChannel egd = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      egd.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer answer = ByteBuffer.allocate(250);
      for (int i = 0; i < requests; i++) {
        egd.write(ByteBuffer.wrap(new byte[] {2, (byte) answer.capacity()}));
        answer.clear();
        while (answer.hasRemaining()) {
          assertThat(egd.read(answer)).isPositive();
        }
      }
    }
  }

  private static AppProcess client(AppProcess server, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("--netrng.client.servers=" + server.address());
    return AppProcess.client(all.toArray(String[]::new));
  }

  @Test
  void theMemoryScannerFindsKnownBytesInAFileAndInProcessMemory(@TempDir Path directory)
      throws Exception {
    // given the memory of this process, outside the heap because a collector could move it during
    // the search, and a file that contains eleven consecutive words of it
    byte[] marked = new byte[MARKED];
    new Random(8).nextBytes(marked);
    ByteBuffer held = ByteBuffer.allocateDirect(MARKED).put(marked);
    Path file = directory.resolve("file");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(new byte[(1 << 20) - 5]);
      out.write(marked, 3, 100);
      out.write(new byte[1 << 20]);
    }

    // when, then
    MemoryScanner needles = new MemoryScanner(marked);
    assertThat(needles.in(file)).isEqualTo(10);
    assertThat(needles.inMemoryOf(ProcessHandle.current().pid())).isPositive();
    // Keeps the memory reachable until after the search.
    assertThat(held.position()).isEqualTo(MARKED);
  }

  @Test
  void theMemoryScannerFindsEncodedBytesInAFile(@TempDir Path directory) throws Exception {
    byte[] marked = new byte[MARKED];
    new Random(8).nextBytes(marked);
    MemoryScanner needles = new MemoryScanner(withEncodings(marked));
    Path file = directory.resolve("file");
    for (int from = 5_000; from < 5_003; from++) {
      byte[] block = Arrays.copyOfRange(marked, from, from + 60);
      Files.writeString(file, "{\"" + Base64.getEncoder().encodeToString(block));
      assertThat(needles.in(file)).as("Base64 from %d on", from).isGreaterThan(5);
    }
    byte[] seed = seed(marked, 2_048);
    Files.writeString(file, "\n" + HexFormat.of().formatHex(seed));
    assertThat(needles.in(file)).as("a seed").isEqualTo(2 * seed.length / Long.BYTES - 1);
  }

  private static byte[] later() {
    byte[] later = new byte[LATER];
    new Random(9).nextBytes(later);
    return later;
  }

  /** Returns a heap dump, including objects that the collector has not yet freed. */
  private static Path heapDump(AppProcess app, Path directory) throws Exception {
    Path dump = directory.resolve("heap-" + app.pid());
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Machine.run(List.of(jcmd, Long.toString(app.pid()), "GC.heap_dump", "-all", dump.toString()));
    return dump;
  }
}
