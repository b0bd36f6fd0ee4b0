// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server whose device is a FIFO, and the process that fills the FIFO at a set rate. */
final class FifoServer implements AutoCloseable {

  private final Path directory;
  private final Worker writer;
  private final RunningApp server;

  private FifoServer(Path directory, Worker writer, RunningApp server) {
    this.directory = directory;
    this.writer = writer;
    this.server = server;
  }

  /**
   * Starts both, and waits until the server is ready for clients.
   *
   * @param bytesPerSecond the rate of the FIFO
   * @param properties of the server
   */
  static FifoServer start(double bytesPerSecond, String... properties)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("netrng-bench");
    Path fifo = directory.resolve("fifo");
    Command.run(List.of("mkfifo", fifo.toString()));
    Worker writer = Worker.start(FifoWriter.class, fifo);
    try {
      setRate(writer, bytesPerSecond);
      List<String> all = new ArrayList<>(List.of(properties));
      all.add("netrng.server.source.devices=" + fifo);
      return new FifoServer(directory, writer, RunningApp.server(all.toArray(String[]::new)));
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  RunningApp server() {
    return server;
  }

  /** Starts clients of this server, in a separate process. */
  Worker clients(List<PromiseClient.Plan> plans) throws IOException {
    List<Object> arguments = new ArrayList<>();
    arguments.add(server.streamPort());
    arguments.addAll(plans);
    return Worker.start(PromiseClients.class, arguments.toArray());
  }

  /**
   * Sets the rate of the FIFO.
   *
   * @return the bytes written into the FIFO so far
   */
  long setRate(double bytesPerSecond) throws IOException {
    return setRate(writer, bytesPerSecond);
  }

  private static long setRate(Worker writer, double bytesPerSecond) throws IOException {
    writer.writeLine(bytesPerSecond);
    return Long.parseLong(writer.readLine());
  }

  @Override
  public void close() throws IOException {
    server.close();
    writer.close();
    Files.delete(directory.resolve("fifo"));
    Files.delete(directory);
  }
}
