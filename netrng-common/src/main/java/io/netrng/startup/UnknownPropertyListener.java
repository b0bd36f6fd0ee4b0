// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Warns of each property under {@code netrng.} that the running app does not know, and names the
 * closest match. It reads the known properties from the metadata that the build generates for IDEs.
 */
final class UnknownPropertyListener implements ApplicationListener<ApplicationStartedEvent> {

  private static final Logger log = LoggerFactory.getLogger(UnknownPropertyListener.class);

  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("netrng");
  private static final String METADATA = "META-INF/spring-configuration-metadata.json";

  @Override
  public void onApplicationEvent(ApplicationStartedEvent event) {
    SortedMap<String, String> known = known(UnknownPropertyListener.class.getClassLoader());
    ConfigurableEnvironment environment = event.getApplicationContext().getEnvironment();
    // The set counts a property once, even if several sources set it.
    Set<ConfigurationPropertyName> unknown = new LinkedHashSet<>();
    ConfigurationPropertySources.get(environment)
        .forEach(source -> {
          if (source instanceof IterableConfigurationPropertySource properties) {
            properties.stream()
                .filter(ROOT::isAncestorOf)
                .filter(name -> !known.containsKey(comparable(name.toString())))
                .forEach(unknown::add);
          }
        });
    unknown.forEach(name ->
        log.atWarn()
            .addKeyValue("property", name)
            .addKeyValue("nearest", nearest(name.toString(), known))
            .log("unknown property has no effect"));
  }

  private static String nearest(String name, SortedMap<String, String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.entrySet().stream()
        .min(Comparator.comparingInt(e -> distance.apply(e.getKey(), comparable(name))))
        .map(Map.Entry::getValue)
        .orElse("none");
  }

  /** Returns the known names by their comparable form. */
  private static SortedMap<String, String> known(ClassLoader loader) {
    SortedMap<String, String> known = new TreeMap<>();
    try {
      for (URL url : Collections.list(loader.getResources(METADATA))) {
        try (InputStream in = url.openStream()) {
          String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          Object properties = JsonParserFactory.getJsonParser().parseMap(json).get("properties");
          if (properties instanceof List<?> list) {
            for (Object property : list) {
              if (property instanceof Map<?, ?> map && map.get("name") instanceof String name) {
                if (name.startsWith(ROOT + ".")) {
                  known.putIfAbsent(comparable(name), name);
                }
              }
            }
          }
        }
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot read the names of the known properties");
    }
    return known;
  }

  /**
   * Removes dots and dashes, because relaxed binding treats {@code NETRNG_SERVER_SAMPLE_SIZE} and
   * {@code netrng.server.sample-size} as equal. Also removes the part after the name of a list.
   */
  private static String comparable(String name) {
    return name.replaceFirst("\\[.*", "").replaceAll("[.-]", "").toLowerCase(Locale.ROOT);
  }
}
