// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
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

  private static final DataSize MOST = DataSize.ofMegabytes(64);

  private final Captures captures;

  CaptureController(Captures captures) {
    this.captures = captures;
  }

  /**
   * Captures bytes of the stream. It is a POST, because it consumes the bytes.
   *
   * @param size as a {@link DataSize}, from 1B to 64MB
   */
  @PostMapping(path = "/api/v1/captures", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
  ResponseEntity<Flux<DataBuffer>> capture(
      @RequestParam(defaultValue = "(empty)") String size,
      Principal administrator,
      ServerHttpRequest request) {
    long bytes = bytes(size);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .contentLength(bytes)
        .cacheControl(CacheControl.noStore())
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename("netrng-capture.bin").build().toString())
        .body(
            captures.draw(
                bytes, administrator.getName(), Address.text(request.getRemoteAddress())));
  }

  private static long bytes(String size) {
    try {
      long bytes = DataSize.parse(size).toBytes();
      if (bytes >= 1 && bytes <= MOST.toBytes()) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // The response is that of a size out of range.
    }
    throw Problem.badRequest(
        "size = %s is not possible: set it to a size from 1B to 64MB, such as 1MB."
            .formatted(size));
  }
}
