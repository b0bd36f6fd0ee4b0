// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.session.FuzzedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of a {@link VirtualApi}, whose bytes wait until the server reads them. */
final class VirtualClient {

  private final FuzzedChannel channel;
  private final ByteBuf outgoing = Unpooled.buffer();
  private final EmbeddedChannel received = new EmbeddedChannel(new HttpResponseDecoder());
  private final List<Response> responses = new ArrayList<>();
  private @Nullable Response present;

  /** The maximum number of bytes that the server receives in one read. */
  private int pieces = 64 * 1024;

  private int continues;
  private boolean malformed;

  /** A response of which all or some bytes have arrived. */
  static final class Response {

    private final int status;
    private final HttpHeaders headers;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    private Response(HttpResponse header) {
      status = header.status().code();
      headers = header.headers();
    }

    int status() {
      return status;
    }

    HttpHeaders headers() {
      return headers;
    }

    byte[] body() {
      return body.toByteArray();
    }

    String text() {
      return body.toString(StandardCharsets.UTF_8);
    }
  }

  VirtualClient(FuzzedChannel channel) {
    this.channel = channel;
  }

  FuzzedChannel channel() {
    return channel;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** The number of bytes that the server has not read. */
  int unread() {
    return outgoing.readableBytes();
  }

  /** The complete responses so far, without those of status 100. */
  List<Response> responses() {
    return responses;
  }

  /** The statuses of {@link #responses}. */
  List<Integer> statuses() {
    return responses.stream().map(Response::status).toList();
  }

  /** The response that has begun and is not complete. */
  @Nullable Response present() {
    return present;
  }

  /** The number of responses of status 100. */
  int continues() {
    return continues;
  }

  /** Whether a response is no HTTP. */
  boolean hasMalformedResponse() {
    return malformed;
  }

  void setPieces(int bytes) {
    pieces = bytes;
  }

  void send(String text) {
    outgoing.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  void send(byte[] bytes) {
    outgoing.writeBytes(bytes);
  }

  void get(String target) {
    send("GET %s HTTP/1.1\r\nHost: [::1]\r\n\r\n".formatted(target));
  }

  void post(String target, String body) {
    send(
        "POST %s HTTP/1.1\r\nHost: [::1]\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(target, body.length(), body));
  }

  /** Passes bytes to the server if it reads, and reads what it has written. */
  boolean exchange() {
    boolean busy = channel.hasPendingTasks();
    channel.runPendingTasks();
    if (channel.isOpen() && outgoing.isReadable()) {
      int size = Math.min(pieces, outgoing.readableBytes());
      ByteBuf piece = channel.alloc().buffer(size).writeBytes(outgoing, size);
      if (channel.receive(piece)) {
        busy = true;
      } else {
        outgoing.readerIndex(outgoing.readerIndex() - size);
        piece.release();
      }
    }
    channel.checkException();
    ByteBuf written = channel.written();
    received.writeInbound(Unpooled.copiedBuffer(written));
    written.clear();
    for (Object part = received.readInbound(); part != null; part = received.readInbound()) {
      receive(part);
    }
    return busy;
  }

  private void receive(Object part) {
    if (part instanceof HttpResponse header) {
      malformed |= header.decoderResult().isFailure();
      present = new Response(header);
    }
    if (part instanceof HttpContent content && present != null) {
      byte[] bytes = new byte[content.content().readableBytes()];
      content.content().readBytes(bytes);
      present.body.writeBytes(bytes);
    }
    if (part instanceof LastHttpContent && present != null) {
      if (present.status == 100) {
        continues++;
      } else {
        responses.add(present);
      }
      present = null;
    }
    ReferenceCountUtil.release(part);
  }

  void leave() {
    var _ = channel.close();
  }

  void reset() {
    channel.breakDown();
    channel.flush();
    var _ = channel.close();
  }

  void dispose() {
    leave();
    received.finishAndReleaseAll();
  }
}
