// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.http.AllowedHosts;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.server.security.Identity;
import io.netrng.server.session.ByteClient;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Decodes the requests of one connection and identifies their clients. */
final class Requests {

  private static final int MOST_CHALLENGE = 1_024;
  private static final String POLLINATE = "pollinate";
  private static final String CHALLENGE = "challenge";
  private static final AllowedHosts HOSTS =
      new AllowedHosts("netrng.server.entropy-api", List.of());

  private final EntropyApi api;
  private final boolean encrypted;
  private boolean identified;

  /** What a request asks for. */
  sealed interface Wanted {

    /** A document, which is complete. */
    record Document(DefaultFullHttpResponse response) implements Wanted {}

    /**
     * Entropy.
     *
     * @param anonymous whether the client is one of all machines that pollinate
     */
    record Entropy(ByteClient.Applicant applicant, boolean anonymous, Answer answer)
        implements Wanted {}
  }

  /**
   * Creates a decoder.
   *
   * @param encrypted whether the connection uses TLS
   */
  Requests(EntropyApi api, boolean encrypted) {
    this.api = api;
    this.encrypted = encrypted;
  }

  /** Whether a request has proven who its client is, if the server requires a proof. */
  boolean haveIdentified() {
    return identified;
  }

  /**
   * Returns what a request asks for.
   *
   * @throws Rejection if it is wrong, or its client is not known or denied
   */
  Wanted wanted(ChannelHandlerContext ctx, FullHttpRequest request) throws Rejection {
    if (request.decoderResult().isFailure()) {
      throw new Rejection(HttpResponseStatus.BAD_REQUEST, "the request is no HTTP.");
    }
    requireOwnHost(request.headers());
    Query uri = Query.of(request.uri());
    Endpoint endpoint = endpoint(uri.path());
    if (!endpoint.method().equals(request.method().name())) {
      throw new Rejection(
              HttpResponseStatus.METHOD_NOT_ALLOWED, "use %s.".formatted(endpoint.method()))
          .with(HttpHeaderNames.ALLOW, endpoint.method());
    }
    return switch (endpoint) {
      case OPENAPI -> document(api.description());
      case POLLINATE -> seed(ctx, request);
      case CAPABILITIES -> {
        identify(ctx, request);
        yield document(api.capabilities());
      }
      case HEALTHTEST -> {
        identify(ctx, request);
        yield document(api.health());
      }
      case RANDOM -> {
        ByteClient.Applicant of = identify(ctx, request);
        Blocks blocks = Blocks.ofQuery(uri.parameters(), api.mostBytes());
        yield new Wanted.Entropy(of, false, new BinaryAnswer(blocks));
      }
      case ENTROPY -> {
        ByteClient.Applicant of = identify(ctx, request);
        requireJson(request.headers());
        Blocks blocks = Blocks.ofJson(api.json(), request.content(), api.mostBytes());
        yield new Wanted.Entropy(of, false, new JsonAnswer(blocks, ctx));
      }
    };
  }

  /**
   * Without TLS, a web page whose DNS name resolves to this machine could read the answers (DNS
   * rebinding).
   */
  private void requireOwnHost(HttpHeaders headers) throws Rejection {
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (!encrypted && !(hosts.size() == 1 && HOSTS.allow(hosts.getFirst()))) {
      throw new Rejection(
          HttpResponseStatus.MISDIRECTED_REQUEST,
          "the request's Host is neither an IP address nor localhost: use one of them.");
    }
  }

  private Endpoint endpoint(String path) throws Rejection {
    return Endpoint.of(path)
        .filter(known -> known != Endpoint.POLLINATE || api.servesAnonymousMachines())
        .orElseThrow(() ->
            new Rejection(HttpResponseStatus.NOT_FOUND, "there is nothing: see /v1/openapi.json."));
  }

  /** The examples of the QRNG Open API send JSON as a form, which is the default of curl. */
  private static void requireJson(HttpHeaders headers) throws Rejection {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
    String plain = type == null ? "" : type.split(";", 2)[0].strip();
    if (!plain.isEmpty()
        && !HttpHeaderValues.APPLICATION_JSON.contentEqualsIgnoreCase(plain)
        && !HttpHeaderValues.APPLICATION_X_WWW_FORM_URLENCODED.contentEqualsIgnoreCase(plain)) {
      throw new Rejection(
          HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json.");
    }
  }

  private ByteClient.Applicant identify(ChannelHandlerContext ctx, FullHttpRequest request)
      throws Rejection {
    Identity identity = api.authentication().identify(ctx.channel(), request.headers());
    identified = true;
    String label = Hello.isLabel(identity.name()) ? identity.name() : Authentication.ANYONE;
    return new ByteClient.Applicant(ctx.channel().remoteAddress(), identity, label, false);
  }

  private static Wanted seed(ChannelHandlerContext ctx, FullHttpRequest request) throws Rejection {
    String form = request.content().toString(StandardCharsets.US_ASCII);
    Map<String, List<String>> fields = Query.ofForm(form).parameters();
    String challenge = String.join("", fields.getOrDefault(CHALLENGE, List.of()));
    if (challenge.isEmpty()
        || challenge.length() > MOST_CHALLENGE
        || !StandardCharsets.US_ASCII.newEncoder().canEncode(challenge)) {
      throw new Rejection(
          HttpResponseStatus.BAD_REQUEST,
          "challenge is missing or too long: send a form with up to %d characters."
              .formatted(MOST_CHALLENGE));
    }
    return new Wanted.Entropy(
        new ByteClient.Applicant(
            ctx.channel().remoteAddress(), Identity.ofLabel(POLLINATE), POLLINATE, true),
        true,
        new SeedAnswer(challenge, ctx));
  }

  private static Wanted document(byte[] json) {
    return new Wanted.Document(
        Responses.of(HttpResponseStatus.OK, HttpHeaderValues.APPLICATION_JSON.toString(), json));
  }
}
