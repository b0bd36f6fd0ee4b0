// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.client.egd.Guests;
import io.netrng.client.sink.Sink;
import io.netrng.clone.CloneHandler;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Ends the client of a restored machine. The server receives no BYE from copied TLS state. */
record CloneResponse(StreamClient stream, Guests guests, Sink sink, AuditLog audit)
    implements CloneHandler {

  private static final long STOP_SECONDS = 10;

  @Override
  public List<Executor> networkThreads() {
    return Stream.concat(Stream.of(stream.thread()), guests.threads().stream()).toList();
  }

  @Override
  public void wipe() {
    stream.clear();
  }

  @Override
  public void prepareReplacement() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    sink.stop(stopped::countDown);
    var _ = stopped.await(STOP_SECONDS, TimeUnit.SECONDS);
    audit.close();
  }

  @Override
  public boolean hasProvided() {
    return sink.sinceTaken().isPresent() || guests.deliveredBytes() > 0;
  }
}
