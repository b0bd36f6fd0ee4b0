// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.egd;

import io.netrng.egd.EgdListen;
import io.netrng.egd.EgdSupply;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import io.netrng.server.security.ClientAuthenticator.Decision;
import io.netrng.server.security.Identity;
import io.netrng.server.session.AddressLimiter;
import io.netrng.server.session.ByteClient;
import io.netrng.server.session.Listener;
import io.netrng.server.session.SessionEvent.Applicant;
import io.netrng.server.session.SessionEvent.Disconnected;
import io.netrng.server.session.SessionRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The session of one EGD connection. All of it runs on the connection's event loop.
 *
 * <pre>
 *   connected -- admitted --> Admitted -- the server ends the session --> Ended
 *      |  ^                                                                ^
 *      |  | the retry-after passes                                         |
 *      v  |                                                                |
 *    Waiting -- refused, or the client disconnects ------------------------+
 * </pre>
 *
 * <p>A client waits while no device has tested entropy. It is refused for any other reason, which
 * closes its connection.
 */
final class EgdSession implements EgdSupply, ByteClient.Owner {

  private final SessionRegistry sessions;
  private final Channel channel;
  private final EgdListen listen;
  private final LongSupplier ready;
  private final Runnable onAvailable;
  private State state = new State.Waiting();
  private @Nullable ScheduledFuture<?> retry;

  private sealed interface State {
    record Waiting() implements State {}

    record Admitted(ByteClient client) implements State {}

    record Ended() implements State {}
  }

  /**
   * Creates a session that has not requested admission.
   *
   * @param ready the number of bytes that the source has ready
   * @param onAvailable called when more bytes are available
   */
  EgdSession(
      SessionRegistry sessions,
      Channel channel,
      EgdListen listen,
      LongSupplier ready,
      Runnable onAvailable) {
    this.sessions = sessions;
    this.channel = channel;
    this.listen = listen;
    this.ready = ready;
    this.onAvailable = onAvailable;
  }

  /** Requests admission. */
  void open() {
    Close rejection = AddressLimiter.rejection(channel);
    if (rejection == null) {
      requestAdmission();
    } else {
      refuse(rejection, null);
    }
  }

  private void requestAdmission() {
    switch (sessions.authenticator().identify(channel, listen.identity())) {
      case Decision.Refused(String reason, Identity identity) ->
          refuse(new Close(CloseCode.NOT_AUTHORISED, Close.NEVER, reason), identity);
      case Decision.Authenticated(Identity identity) -> requestAdmission(identity);
    }
  }

  private void requestAdmission(Identity identity) {
    ByteClient.Applicant applicant =
        new ByteClient.Applicant(address(), identity, listen.identity(), false);
    switch (ByteClient.admit(sessions, Listener.EGD, channel, applicant, this)) {
      case ByteClient.Answer.Admitted(ByteClient client) -> {
        state = new State.Admitted(client);
        onAvailable.run();
      }
      case ByteClient.Answer.Refused(Close close) -> {
        if (close.code() == CloseCode.NO_ENTROPY && close.retryAfterMillis() != Close.NEVER) {
          retry =
              channel
                  .eventLoop()
                  .schedule(this::retryAdmission, close.retryAfterMillis(), TimeUnit.MILLISECONDS);
        } else {
          refuse(close, identity);
        }
      }
    }
  }

  private void retryAdmission() {
    if (state instanceof State.Waiting) {
      requestAdmission();
    }
  }

  private void refuse(Close close, @Nullable Identity identity) {
    sessions.refused(
        close,
        new Applicant(address(), identity == null ? null : identity.name(), listen.identity()));
    state = new State.Ended();
    var _ = channel.close();
  }

  /** Clients of a unix socket have no address. */
  private SocketAddress address() {
    return listen.isUnix() ? new DomainSocketAddress(listen.address()) : channel.remoteAddress();
  }

  @Override
  public void onBytes() {
    onAvailable.run();
  }

  @Override
  public void onClosed(Close close) {
    state = new State.Ended();
    var _ = channel.close();
  }

  @Override
  public long available() {
    return state instanceof State.Admitted(ByteClient client) ? client.available() : 0;
  }

  @Override
  public long ready() {
    return state instanceof State.Admitted ? ready.getAsLong() : 0;
  }

  /** A draw before the admission is repeated after it. */
  @Override
  public void draw(long bytes) {
    if (state instanceof State.Admitted(ByteClient client)) {
      client.draw(bytes);
    }
  }

  @Override
  public int write(ChannelHandlerContext connection, int most) {
    int written = 0;
    if (state instanceof State.Admitted(ByteClient client)) {
      while (written < most && client.available() > 0) {
        ByteClient.Part part = client.take(most - written);
        written += part.bytes().readableBytes();
        connection.write(part.bytes()).addListener(part);
      }
    }
    return written;
  }

  /** The end of its connection is the only end that an EGD client can announce. */
  @Override
  public void close() {
    if (state instanceof State.Admitted(ByteClient client)) {
      client.end(Disconnected.BYE);
    }
    state = new State.Ended();
    if (retry != null) {
      retry.cancel(false);
    }
  }
}
