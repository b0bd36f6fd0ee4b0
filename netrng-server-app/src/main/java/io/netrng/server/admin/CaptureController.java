// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.server.source.Source;
import java.security.Principal;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.unit.DataSize;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** Captures bytes of the stream for administrators; no client receives these bytes. */
@RestController
final class CaptureController {

  private static final String RELEASED = "released";
  private static final String RAW = "raw";
  private static final DataSize MOST = DataSize.ofMegabytes(64);

  /** Raw bytes wait in the memory of the server. */
  private static final DataSize MOST_RAW = DataSize.ofMegabytes(4);

  private final Captures captures;
  private final Source source;

  CaptureController(Captures captures, Source source) {
    this.captures = captures;
    this.source = source;
  }

  /**
   * Captures bytes of the stream, or raw bytes of a device. It is a POST, because it consumes the
   * bytes.
   *
   * @param size as a {@link DataSize}, from 1B to 64MB, or to 4MB of raw bytes
   * @param of released or raw
   * @param device the name of the device whose raw bytes are captured; the only device if absent
   */
  @PostMapping(path = "/api/v1/captures", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  ResponseEntity<Flux<DataBuffer>> capture(
      @RequestParam(defaultValue = "(empty)") String size,
      @RequestParam(defaultValue = RELEASED) String of,
      @RequestParam(defaultValue = "") String device,
      Principal administrator,
      ServerHttpRequest request) {
    boolean raw = isRaw(of);
    long bytes = bytes(size, raw ? MOST_RAW : MOST);
    Captures.Administrator who =
        new Captures.Administrator(
            administrator.getName(), Address.text(request.getRemoteAddress()));
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .contentLength(bytes)
        .cacheControl(CacheControl.noStore())
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename("netrng-capture.bin").build().toString())
        .body(
            raw
                ? captures.raw(source, NamedDevice.of(source, device).device(), bytes, who)
                : captures.released(bytes, who));
  }

  private static boolean isRaw(String of) {
    return switch (of) {
      case RELEASED -> false;
      case RAW -> true;
      default ->
          throw Problem.badRequest(
              "of = %s is not possible: set it to released or raw.".formatted(of));
    };
  }

  private static long bytes(String size, DataSize most) {
    try {
      long bytes = DataSize.parse(size).toBytes();
      if (bytes >= 1 && bytes <= most.toBytes()) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // The response is that of a size out of range.
    }
    throw Problem.badRequest(
        "size = %s is not possible: set it to a size from 1B to %dMB, such as 1MB."
            .formatted(size, most.toMegabytes()));
  }
}
