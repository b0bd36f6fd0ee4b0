// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ServerFrame;
import io.netrng.server.security.Identity;
import io.netrng.server.source.SampleBatch;
import io.netrng.tls.Negotiated;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * An admitted client of a listener that sends bytes instead of samples. It requests whole samples,
 * and keeps the rest of a sample for the next bytes of the same client. The rest is destroyed when
 * the client disconnects.
 *
 * <p>The methods are called on the event loop of the client's connection.
 */
public final class ByteClient {

  private final SessionRegistry sessions;
  private final Channel channel;
  private final SocketAddress address;
  private final Listener listener;
  private final Owner owner;
  private final PeerProbe probe;
  private final ClientSession session;
  private final Queue<Entropy> entropy = new ArrayDeque<>();
  private long available;

  /** Samples that are requested and have not arrived. */
  private long requested;

  private boolean drawing;
  private boolean ended;

  /** Serves the connection. Its methods are called on the connection's event loop. */
  public interface Owner {

    /** More bytes are available than before. */
    void onBytes();

    /** The server has ended the session. */
    void onClosed(ServerFrame.Close close);
  }

  /** The answer to a client that requests admission. */
  public sealed interface Answer {

    /**
     * The client is admitted.
     *
     * @param client its session
     */
    record Admitted(ByteClient client) implements Answer {}

    /**
     * The client is refused.
     *
     * @param close the reason, and the time to try again
     */
    record Refused(ServerFrame.Close close) implements Answer {}
  }

  /** Consecutive bytes of the stream, for one write. Listens to the write's future. */
  public final class Part implements GenericFutureListener<Future<? super Void>> {

    private final Entropy.Part part;

    private Part(Entropy.Part part) {
      this.part = part;
    }

    /** The bytes, which are zeroed with the last reference. */
    public ByteBuf bytes() {
      return part;
    }

    /** Counts the bytes as delivered if they are in the socket. */
    @Override
    public void operationComplete(Future<? super Void> written) {
      if (written.isSuccess()) {
        session.delivered(part.offset(), part.size());
      }
    }
  }

  private ByteClient(
      SessionRegistry sessions,
      Listener listener,
      Channel channel,
      Applicant applicant,
      Admission.Reservation reservation,
      Owner owner) {
    this.sessions = sessions;
    this.listener = listener;
    this.channel = channel;
    this.owner = owner;
    address = applicant.address();
    probe =
        new PeerProbe(
            channel,
            () -> {
              var _ = channel.close();
            });
    session = sessions.open(applicant.identity(), applicant.label(), reservation, new Connection());
  }

  /**
   * A client that has authenticated.
   *
   * @param address its remote address, or the unix socket that it is connected to
   * @param label its name for operators and dashboards
   * @param bestEffort whether it gets no guarantee, whatever its policy
   */
  public record Applicant(
      SocketAddress address, Identity identity, String label, boolean bestEffort) {}

  /** Requests admission for a client. The caller records a refusal. */
  public static Answer admit(
      SessionRegistry sessions,
      Listener listener,
      Channel channel,
      Applicant applicant,
      Owner owner) {
    Identity identity = applicant.identity();
    String label = applicant.label();
    long requested = applicant.bestEffort() ? Admission.BEST_EFFORT : 0;
    return switch (sessions.admission().admit(identity.name(), label, requested)) {
      case Admission.Verdict.Refused(ServerFrame.Close close) ->
          new Answer.Refused(sessions.probePredecessors(identity, label, close));
      case Admission.Reservation reservation -> {
        ByteClient client =
            new ByteClient(sessions, listener, channel, applicant, reservation, owner);
        sessions.connected(client.session);
        sessions.enforce(client.session);
        yield new Answer.Admitted(client);
      }
    };
  }

  /** The session, as the registry lists it. */
  public ClientSession session() {
    return session;
  }

  /** The number of bytes that can be taken. */
  public long available() {
    return available;
  }

  /**
   * Returns how many bytes of the stream a draw would take, in whole samples.
   *
   * @param bytes the same as of {@link #draw}
   */
  public long cost(long bytes) {
    int sampleSize = sessions.sampleSize();
    long missing = bytes - available - requested * sampleSize;
    return Math.ceilDiv(Math.max(0, missing), sampleSize) * sampleSize;
  }

  /**
   * Requests samples until this number of bytes is available. Bytes that are ready are available
   * when the call returns; {@link Owner#onBytes} reports the others.
   */
  public void draw(long bytes) {
    long samples = cost(bytes) / sessions.sampleSize();
    if (samples > 0 && !ended) {
      requested += samples;
      drawing = true;
      session.request(samples);
      session.writeAll();
      drawing = false;
    }
  }

  /**
   * Takes the next bytes. The owner writes them, and adds the part as a listener to the write.
   *
   * @param most the maximum number of bytes, 1 or more; fewer if fewer are available in one piece
   * @throws java.util.NoSuchElementException if no bytes are available
   */
  public Part take(long most) {
    Entropy first = entropy.element();
    Entropy.Part part = first.take((int) Math.min(most, first.readableBytes()));
    available -= part.size();
    if (!first.isReadable()) {
      entropy.remove();
      first.release();
    }
    return new Part(part);
  }

  /**
   * Ends the session, because the client has disconnected.
   *
   * @param reason {@link SessionEvent.Disconnected#BYE} or {@link
   *     SessionEvent.Disconnected#CONNECTION_LOST}
   */
  public void end(String reason) {
    if (!ended) {
      ended = true;
      sessions.disconnected(session, reason);
      entropy.forEach(Entropy::release);
      entropy.clear();
      available = 0;
    }
  }

  private final class Connection implements ClientConnection {

    @Override
    public Listener listener() {
      return listener;
    }

    @Override
    public SocketAddress address() {
      return address;
    }

    @Override
    public Optional<Negotiated> tls() {
      return Negotiated.of(channel);
    }

    @Override
    public EventLoop eventLoop() {
      return channel.eventLoop();
    }

    @Override
    public void write(ClientSession toSession, SampleBatch batch) {
      Entropy more = new Entropy(batch, () -> toSession.acknowledge(batch));
      requested -= batch.samples();
      if (ended) {
        more.release();
      } else {
        entropy.add(more);
        available += more.readableBytes();
      }
    }

    @Override
    public void flush() {
      if (!drawing && !ended) {
        owner.onBytes();
      }
    }

    @Override
    public void close(ServerFrame.Close close) {
      channel
          .eventLoop()
          .execute(() -> {
            if (!ended) {
              end(close.code().externalName());
              owner.onClosed(close);
            }
          });
    }

    @Override
    public void discardRest() {
      channel
          .eventLoop()
          .execute(() -> {
            if (available > 0) {
              // Its end destroys them. The client's requests may count on them.
              var _ = channel.close();
            }
          });
    }

    @Override
    public boolean probe() {
      return address instanceof InetSocketAddress && probe.begin();
    }
  }
}
