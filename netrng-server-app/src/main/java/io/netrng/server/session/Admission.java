package io.netrng.server.session;

import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Decides who is let in, and tells the others why not and when to come back. */
final class Admission {

  private static final Duration SECONDS = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final SessionProperties properties;
  private final Source source;
  private int admitted;

  Admission(SessionProperties properties, Source source) {
    this.properties = properties;
    this.source = source;
  }

  /** The answer to a HELLO. */
  sealed interface Verdict {

    /**
     * Let in; {@link #leave} is to be called when the client is gone.
     *
     * @param guarantee bytes per second
     */
    record Granted(long guarantee) implements Verdict {}

    /**
     * Not let in.
     *
     * @param close what the client is told
     */
    record Refused(Close close) implements Verdict {}
  }

  synchronized Verdict admit(Hello hello) {
    long allowed = properties.defaultGuarantee().bytesPerSecond();
    if (hello.guarantee() > allowed) {
      return refused(
          CloseCode.NOT_AUTHORISED,
          Close.NEVER,
          "a guarantee of %dB/s was asked for and %dB/s is allowed: netrng.server.default-guarantee"
              .formatted(hello.guarantee(), allowed));
    }
    switch (source.availability()) {
      case Availability.Available() -> {}
      case Availability.Expected(Duration in) -> {
        return new Verdict.Refused(noEntropy(in));
      }
      case Availability.Exhausted() -> {
        return new Verdict.Refused(exhausted());
      }
    }
    if (admitted >= properties.maxClients()) {
      return refused(
          CloseCode.MAX_CLIENTS,
          jittered(SECONDS),
          "%d of %d clients are connected: netrng.server.max-clients"
              .formatted(admitted, properties.maxClients()));
    }
    admitted++;
    return new Verdict.Granted(hello.guarantee() == 0 ? allowed : hello.guarantee());
  }

  synchronized void leave() {
    admitted--;
  }

  /** What everybody is told when no device has given anything for a while. */
  static Close noEntropy(Duration in) {
    Duration retryAfter = in.compareTo(SECONDS) < 0 ? SECONDS : in;
    return new Close(
        CloseCode.NO_ENTROPY, jittered(retryAfter), "no entropy device gives anything at present");
  }

  /** What everybody is told when files were given as devices and are used up. */
  static Close exhausted() {
    return new Close(
        CloseCode.NO_ENTROPY, Close.NEVER, "the files that were given as devices are used up");
  }

  /** From once to twice the time, so that those who are sent away together come back one by one. */
  static long jittered(Duration atLeast) {
    long millis = Math.min(atLeast.toMillis(), LONGEST.toMillis());
    return millis + ThreadLocalRandom.current().nextLong(millis + 1);
  }

  private static Verdict refused(CloseCode code, long retryAfterMillis, String reason) {
    return new Verdict.Refused(new Close(code, retryAfterMillis, reason));
  }
}
