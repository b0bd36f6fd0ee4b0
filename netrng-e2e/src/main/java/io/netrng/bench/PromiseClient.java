package io.netrng.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client that only counts what it receives, and behaves well or badly. */
final class PromiseClient {

  private static final byte HELLO = 1;
  private static final byte REQUEST = 2;
  private static final int WELCOME = 0x81;
  private static final int SAMPLE = 0x82;
  private static final int BEFORE_SAMPLE_SIZE = 1 + 8 + 16;

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

  private final InetSocketAddress server;
  private final Plan plan;
  private final AtomicLong samples = new AtomicLong();
  private volatile int sampleSize;

  PromiseClient(int port, Plan plan) {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.plan = plan;
  }

  /** Bytes of entropy received. */
  long received() {
    return samples.get() * sampleSize;
  }

  /** Goes on until the server ends it. */
  void live() throws IOException, InterruptedException {
    do {
      try (Socket socket = new Socket()) {
        if (plan.behaviour == Behaviour.STALLED) {
          socket.setReceiveBufferSize(SMALL_BUFFER);
        }
        socket.connect(server);
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.write(hello());
        sampleSize = ByteBuffer.wrap(frame(in, WELCOME)).getInt(BEFORE_SAMPLE_SIZE);
        if (plan.behaviour != Behaviour.STALLED) {
          Thread.ofVirtual().start(() -> count(in));
        }
        ask(out);
      }
    } while (plan.behaviour == Behaviour.RESTLESS);
  }

  /** Demand, tick by tick; it also tells the server that we are there. */
  private void ask(DataOutputStream out) throws IOException, InterruptedException {
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
        out.write(request(wanted));
        asked += wanted;
      }
      Thread.sleep(plan.behaviour.tick);
    } while (plan.behaviour != Behaviour.RESTLESS);
  }

  private void count(DataInputStream in) {
    try {
      while (true) {
        frame(in, SAMPLE);
        samples.incrementAndGet();
      }
    } catch (IOException e) {
      // The next demand fails, too, unless we have left.
    }
  }

  private byte[] hello() {
    byte[] label = plan.label.getBytes(StandardCharsets.US_ASCII);
    int guarantee = plan.behaviour == Behaviour.MODEST ? 0 : plan.rate;
    ByteBuffer frame = ByteBuffer.allocate(4 + 1 + 1 + 4 + 1 + label.length);
    frame.putInt(1 + 1 + 4 + 1 + label.length).put(HELLO).put((byte) 1).putInt(guarantee);
    return frame.put((byte) label.length).put(label).array();
  }

  private static byte[] request(long wanted) {
    return ByteBuffer.allocate(4 + 1 + 4).putInt(1 + 4).put(REQUEST).putInt((int) wanted).array();
  }

  /** The payload of the next frame. */
  private static byte[] frame(DataInputStream in, int expectedType) throws IOException {
    byte[] payload = new byte[in.readInt() - 1];
    int type = in.readUnsignedByte();
    in.readFully(payload);
    if (type != expectedType) {
      String text = new String(payload, StandardCharsets.UTF_8);
      throw new IOException("a frame of type %02x came: %s".formatted(type, text));
    }
    return payload;
  }

  @Override
  public String toString() {
    return plan.toString();
  }
}
