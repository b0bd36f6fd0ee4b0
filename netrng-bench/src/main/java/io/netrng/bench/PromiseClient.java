// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client that only counts the received bytes, with good or bad behaviour. */
final class PromiseClient {

  /** More samples than any of these clients receives in one or two ticks. */
  private static final long MANY = 1 << 16;

  private static final long TOO_MANY = 1L << 31;
  private static final int SMALL_BUFFER = 2_048;

  /** The behaviour of a client during the whole run. */
  enum Behaviour {
    /** Always requests a few more samples. */
    GREEDY(Duration.ofSeconds(1)),
    /** Requests 2^31 samples, and the same number again each second. */
    INSATIABLE(Duration.ofSeconds(1)),
    /** Requests samples and reads none. */
    STALLED(Duration.ofSeconds(1)),
    /** Disconnects each second, and reconnects at once. */
    RESTLESS(Duration.ofSeconds(1)),
    /** Requests a set number of bytes per second. */
    MODEST(Duration.ofMillis(100));

    /** The interval between two requests. */
    private final Duration tick;

    Behaviour(Duration tick) {
      this.tick = tick;
    }
  }

  /**
   * The behaviour of one client.
   *
   * @param label the label in its HELLO
   * @param rate bytes per second: the requested guarantee (with 0 the server's policy sets it), or
   *     the demand of a modest client
   */
  record Plan(Behaviour behaviour, String label, int rate) {

    static Plan parse(String text) {
      String[] parts = text.split(":", -1);
      return new Plan(Behaviour.valueOf(parts[0]), parts[1], Integer.parseInt(parts[2]));
    }

    @Override
    public String toString() {
      return behaviour + ":" + label + ":" + rate;
    }
  }

  private final int port;
  private final Plan plan;
  private final AtomicLong samples = new AtomicLong();
  private volatile int sampleSize;

  PromiseClient(int port, Plan plan) {
    this.port = port;
    this.plan = plan;
  }

  /** Bytes of entropy received. */
  long received() {
    return samples.get() * sampleSize;
  }

  /** Runs until the server closes the connection. */
  void live() throws IOException, InterruptedException {
    do {
      SocketChannel channel = SocketChannel.open();
      if (plan.behaviour == Behaviour.STALLED) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
      }
      int guarantee = plan.behaviour == Behaviour.MODEST ? 0 : plan.rate;
      try (RawSession session = RawSession.open(port, plan.label, guarantee, channel)) {
        sampleSize = session.sampleSize();
        if (plan.behaviour != Behaviour.STALLED) {
          Thread.ofVirtual().start(() -> count(session));
        }
        ask(session);
      }
    } while (plan.behaviour == Behaviour.RESTLESS);
  }

  /** Sends the demand of each tick; it also keeps the connection alive. */
  private void ask(RawSession session) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    long asked = 0;
    do {
      double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
      long wanted =
          switch (plan.behaviour) {
            case GREEDY -> Math.max(1, MANY + samples.get() - asked);
            case INSATIABLE -> TOO_MANY;
            case STALLED, RESTLESS -> MANY;
            case MODEST -> (long) (plan.rate * seconds / sampleSize) - asked;
          };
      if (wanted > 0) {
        session.request(wanted);
        asked += wanted;
      }
      Thread.sleep(plan.behaviour.tick);
    } while (plan.behaviour != Behaviour.RESTLESS);
  }

  private void count(RawSession session) {
    try {
      while (true) {
        session.awaitSample();
        samples.incrementAndGet();
      }
    } catch (IOException e) {
      // The next request fails too, unless this client has disconnected.
    }
  }

  @Override
  public String toString() {
    return plan.toString();
  }
}
