// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads the response of a name server to a question for SRV records. */
final class SrvResponse {

  /** How long a negative answer is valid if it does not tell, in seconds. */
  private static final long NEGATIVE_TTL = 30;

  /**
   * Other targets are ignored. One is ".", which means that the domain does not have the service.
   * Others are not host names, which would appear in logs and metrics.
   */
  private static final Pattern TARGET = Pattern.compile("[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.");

  private SrvResponse() {}

  /**
   * Reads a response, and does not release it.
   *
   * @throws RuntimeException if it is malformed
   */
  static SrvAnswer parse(DnsResponse response) {
    if (response.isTruncated()) {
      return new SrvAnswer.Failed("truncated answer");
    }
    DnsResponseCode code = response.code();
    if (!code.equals(DnsResponseCode.NOERROR) && !code.equals(DnsResponseCode.NXDOMAIN)) {
      return new SrvAnswer.Failed(code.toString());
    }
    List<SrvRecord> records = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    boolean exists = false;
    for (DnsRawRecord raw : records(response, DnsSection.ANSWER, DnsRecordType.SRV)) {
      exists = true;
      ttl = Math.min(ttl, raw.timeToLive());
      ByteBuf content = raw.content().duplicate();
      int priority = content.readUnsignedShort();
      int weight = content.readUnsignedShort();
      int port = content.readUnsignedShort();
      String target = DefaultDnsRecordDecoder.decodeName(content);
      if (port > 0 && TARGET.matcher(target).matches()) {
        records.add(new SrvRecord(priority, weight, new ServerAddress(withoutDot(target), port)));
      }
    }
    if (!records.isEmpty()) {
      return new SrvAnswer.Found(records, Duration.ofSeconds(ttl));
    }
    if (exists) {
      return new SrvAnswer.None("no SRV record has a usable target", Duration.ofSeconds(ttl));
    }
    return new SrvAnswer.None(
        code.equals(DnsResponseCode.NXDOMAIN) ? "no such name" : "no SRV record",
        Duration.ofSeconds(negativeTtl(response).orElse(NEGATIVE_TTL)));
  }

  /** The time to live of a negative answer (RFC 2308, section 5), in seconds. */
  private static OptionalLong negativeTtl(DnsResponse response) {
    return records(response, DnsSection.AUTHORITY, DnsRecordType.SOA).stream()
        .filter(soa -> soa.content().readableBytes() >= Integer.BYTES)
        .mapToLong(soa -> {
          ByteBuf content = soa.content();
          long minimum = content.getUnsignedInt(content.writerIndex() - Integer.BYTES);
          return Math.min(soa.timeToLive(), minimum);
        })
        .min();
  }

  private static List<DnsRawRecord> records(
      DnsResponse response, DnsSection section, DnsRecordType type) {
    return IntStream.range(0, response.count(section))
        .<DnsRecord>mapToObj(i -> response.recordAt(section, i))
        .filter(found -> found.type().equals(type))
        .flatMap(found -> found instanceof DnsRawRecord raw ? Stream.of(raw) : Stream.empty())
        .toList();
  }

  private static String withoutDot(String name) {
    return name.substring(0, name.length() - 1);
  }
}
