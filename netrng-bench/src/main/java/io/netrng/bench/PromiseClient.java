package io.netrng.bench;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client that only counts what it receives, and behaves well or badly. */
final class PromiseClient {

  /** More samples than any of these clients is given in a tick or two. */
  private static final long MANY = 1 << 16;

  private static final long TOO_MANY = 1L << 31;
  private static final int SMALL_BUFFER = 2_048;

  /** What a client does all its life. */
  enum Behaviour {
    /** Always wants some more. */
    GREEDY(Duration.ofSeconds(1)),
    /** Wants 2^31 samples, and as many again each second. */
    INSATIABLE(Duration.ofSeconds(1)),
    /** Asks for samples and reads none. */
    STALLED(Duration.ofSeconds(1)),
    /** Leaves each second, and comes back at once. */
    RESTLESS(Duration.ofSeconds(1)),
    /** Wants so many bytes per second. */
    MODEST(Duration.ofMillis(100));

    /** How often it asks. */
    private final Duration tick;

    Behaviour(Duration tick) {
      this.tick = tick;
    }
  }

  /**
   * What a client is to do.
   *
   * @param label that it comes with
   * @param rate bytes per second: what it asks to be guaranteed (0 is what the server's policy
   *     gives), or, of a modest one, what it wants
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

  /** Goes on until the server ends it. */
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

  /** Demand, tick by tick; it also tells the server that we are there. */
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
      // The next demand fails, too, unless we have left.
    }
  }

  @Override
  public String toString() {
    return plan.toString();
  }
}
