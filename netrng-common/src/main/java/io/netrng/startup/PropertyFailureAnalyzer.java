// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;

/** Describes an invalid property in one sentence, for all kinds of checks. */
final class PropertyFailureAnalyzer extends AbstractFailureAnalyzer<BindException>
    implements Ordered {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
    Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
    ConfigurationProperty property = cause.getProperty();
    if (root instanceof InvalidPropertyException || property == null) {
      return new FailureAnalysis(root.getMessage(), "Correct the property and start again.", cause);
    }
    String where = property.getOrigin() == null ? "its source" : property.getOrigin().toString();
    return new FailureAnalysis(
        property.getName()
            + " = "
            + property.getValue()
            + " is not possible: "
            + root.getMessage()
            + ".",
        "Correct the property in " + where + " and start again.",
        cause);
  }

  /** Runs before Boot's own analyzers, which describe the same exception in less detail. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }
}
