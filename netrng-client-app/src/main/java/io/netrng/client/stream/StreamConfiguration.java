package io.netrng.client.stream;

import io.netrng.client.rngd.FeedBuffer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the stream together. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StreamProperties.class)
class StreamConfiguration {

  @Bean
  StreamClient streamClient(StreamProperties properties, FeedBuffer feed) {
    return new StreamClient(properties, feed, StreamTimings.DEFAULT);
  }
}
