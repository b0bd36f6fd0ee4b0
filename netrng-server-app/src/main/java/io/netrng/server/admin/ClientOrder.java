// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.session.DeliveryState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The order of a list of clients: by one field, then by id. */
final class ClientOrder implements Comparator<ClientView> {

  private static final Map<String, Comparator<ClientView>> FIELDS =
      Map.ofEntries(
          Map.entry("id", Comparator.comparing(ClientView::id, NaturalOrder.INSTANCE)),
          Map.entry("label", Comparator.comparing(ClientView::label, NaturalOrder.INSTANCE)),
          Map.entry("identity", Comparator.comparing(ClientView::identity, NaturalOrder.INSTANCE)),
          Map.entry("address", Comparator.comparing(ClientView::address, NaturalOrder.INSTANCE)),
          Map.entry("since", Comparator.comparing(ClientView::since)),
          Map.entry("guarantee", Comparator.comparingLong(ClientView::guarantee)),
          Map.entry("ceiling", Comparator.comparingLong(ClientOrder::ceiling)),
          Map.entry("state", Comparator.comparingInt(ClientOrder::severity)),
          Map.entry("rate", Comparator.comparingDouble(ClientView::rate)),
          Map.entry("rate10s", Comparator.comparingDouble(ClientView::rate10s)),
          Map.entry("rate5m", Comparator.comparingDouble(ClientView::rate5m)),
          Map.entry("delivered", Comparator.comparingLong(ClientView::delivered)),
          Map.entry("demand", Comparator.comparingLong(ClientView::demand)),
          Map.entry("attainment10s", Comparator.comparingDouble(ClientView::attainment10s)),
          Map.entry("attainment", Comparator.comparingDouble(ClientView::attainment)),
          Map.entry("shortfall", Comparator.comparingDouble(ClientView::shortfall)));

  private static final List<String> SEVERITY =
      Stream.of(DeliveryState.values()).map(DeliveryState::externalName).toList();

  private static final String ASCENDING = "asc";
  private static final String DESCENDING = "desc";

  private final Comparator<ClientView> order;

  private ClientOrder(Comparator<ClientView> order) {
    this.order = order.thenComparing(ClientView::id);
  }

  /** Parses an order: a field, optionally followed by a comma and a direction. */
  static ClientOrder of(String sort) {
    String[] parts = sort.split(",", 2);
    Comparator<ClientView> field = FIELDS.get(parts[0]);
    String direction = parts.length > 1 ? parts[1] : ASCENDING;
    if (field == null || !(direction.equals(ASCENDING) || direction.equals(DESCENDING))) {
      throw Problem.badRequest(
          "sort = '%s' is no order: one of %s, and ,asc or ,desc behind it."
              .formatted(sort, String.join(", ", new TreeSet<>(FIELDS.keySet()))));
    }
    return new ClientOrder(direction.equals(DESCENDING) ? field.reversed() : field);
  }

  private static long ceiling(ClientView client) {
    Long ceiling = client.ceiling();
    return ceiling == null ? Long.MAX_VALUE : ceiling;
  }

  /** The position in the enum, from idle to starved. */
  private static int severity(ClientView client) {
    return SEVERITY.indexOf(client.state());
  }

  @Override
  public int compare(ClientView one, ClientView other) {
    return order.compare(one, other);
  }
}
