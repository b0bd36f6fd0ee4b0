// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class RefusalsController {

  private final RecentRefusals refusals;

  RefusalsController(RecentRefusals refusals) {
    this.refusals = refusals;
  }

  @GetMapping("/api/v1/refusals")
  List<RecentRefusals.Refusal> list() {
    return refusals.list();
  }
}
