// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The server's page in a real browser, as people use it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageIT {

  private static final int MANY = 1_000;

  private PageStage stage;
  private Browser browser;
  private Crowd crowd;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    stage = new PageStage(directory, 2 * MANY);
    browser = stage.browser();
    crowd = stage.crowd();
  }

  @AfterAll
  void stop() {
    stage.close();
  }

  @BeforeEach
  void logIn() throws Exception {
    stage.logIn();
  }

  @AfterEach
  void everybodyLeavesAndTheConsoleIsEmpty() throws Exception {
    stage.clear();
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void rejectsAWrongTokenAndLogsInWithTheAdminToken() throws Exception {
    // given
    browser.activate("Log out");
    browser.awaitShown("[role=status]", "You are logged out.");
    browser.open("/");
    assertThat(browser.path()).isEqualTo("/login");

    // when
    browser.press("not the token", Keys.ENTER);

    // then
    browser.awaitShown("[role=alert]", "That is not the token.");
    assertThat(browser.focused()).isEqualTo("Token of the administrator");
    for (String scheme : List.of("light", "dark")) {
      browser.prefer(scheme);
      assertThat(browser.violations()).as(scheme).isEmpty();
    }
    browser.screenshot("login");

    // when
    browser.press(AppProcess.adminToken(), Keys.ENTER);

    // then
    browser.awaitText("#state", "healthy");
    assertThat(browser.path()).isEqualTo("/");
    assertThat(browser.title()).isEqualTo("healthy · NetRNG server");
  }

  @Test
  void showsClientsWithTheirCurrentRatesGuaranteesAndCeilings() throws Exception {
    // when
    crowd.draw("web-1", 8);
    crowd.draw("db-1", 4);

    // then
    await("both are given something")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> {
          assertThat(browser.cell("client-rows", "web-1", "rate10s")).matches("[1-9].* (Ki)?B/s");
          assertThat(browser.cell("client-rows", "db-1", "rate10s")).matches("[1-9].* (Ki)?B/s");
        });
    assertThat(browser.cell("client-rows", "web-1", "guarantee")).isEqualTo("4.0 KiB/s");
    assertThat(browser.cell("client-rows", "db-1", "guarantee")).isEqualTo("64 B/s");
    assertThat(browser.cell("client-rows", "db-1", "ceiling")).isEqualTo("none");
    browser.awaitText(
        "#promise-text",
        "promised 4.1 KiB/s of 180 KiB/s that may be promised; capacity 200 KiB/s");
    String curve = "#client-rows tr:first-child svg path:last-child";
    String before = browser.find(curve).getDomAttribute("d");
    await("the curve grows")
        .atMost(AppProcess.PATIENCE)
        .until(() -> !before.equals(browser.find(curve).getDomAttribute("d")));
    assertThat(browser.text("#client-rows tr:first-child svg title"))
        .matches("now .* (Ki)?B/s, from .* to .* in \\d+ s");
  }

  @Test
  void filtersSortsAndPagesAThousandClients() throws Exception {
    // given
    for (int i = 0; i < MANY; i++) {
      crowd.join("idle-%03d".formatted(i));
    }
    browser.awaitText("#range", "1 to 100 of 1,000");
    assertThat(browser.text("#client-rows tr:first-child th")).isEqualTo("idle-000");

    // when, then
    browser.tabTo("Name contains");
    browser.press("LE-77");
    browser.awaitText("#range", "1 to 10 of 10");
    browser.press("7");
    browser.awaitText("#range", "1 to 1 of 1");
    assertThat(browser.text("#client-rows")).contains("idle-777");
    browser.press(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
    browser.awaitText("#range", "1 to 100 of 1,000");

    // when
    browser.activate("Client");

    // then
    browser.awaitText("#client-rows tr:first-child th", "idle-999");
    assertThat(browser.find("th:has(:focus)").getDomAttribute("aria-sort")).isEqualTo("descending");
    browser.find("#next").click();
    browser.awaitText("#range", "101 to 200 of 1,000");
    browser.awaitText("#client-rows tr:first-child th", "idle-899");
  }

  @Test
  void kicksAClientAndLiftsItsHoldWithTheKeyboardAlone() throws Exception {
    // given
    RawClient client = crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");

    // when the question is answered with no
    browser.activate("Kick web-1");
    assertThat(browser.text("#kick-title")).isEqualTo("Kick web-1?");
    assertThat(browser.text("#kick-effect")).contains("It may come back in a minute.");
    browser.press(Keys.ESCAPE);

    // then
    assertThat(browser.focused()).isEqualTo("Kick web-1");
    assertThat(browser.count("dialog[open]")).isZero();

    // when it is answered with yes, for five minutes
    browser.press(Keys.ENTER);
    browser.press(Keys.ARROW_DOWN);
    assertThat(browser.text("#kick-effect"))
        .isEqualTo(
            "All connections of web-1 that call themselves web-1 are closed, and it stays out for"
                + " 5 min.");
    browser.activate("Kick");

    // then
    assertThat(client.closed())
        .isEqualTo(new Message.Close(5, 300_000, "kicked by an administrator"));
    browser.awaitText("#message", "web-1 was kicked and is kept out.");
    browser.awaitText("#hold-rows", "web-1");
    browser.awaitText("#event-rows tr:first-child", "kicked");
    browser.awaitCount("#client-rows tr", 0);
    assertThat(browser.focused()).isEqualTo("Clients");

    // when
    browser.activate("Lift the hold of web-1");

    // then
    browser.awaitText("#message", "web-1 may come back.");
    browser.awaitCount("#hold-rows tr", 0);
    assertThat(browser.focused()).isEqualTo("Kept out");
    crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");
    browser.awaitText("#event-rows tr:first-child", "connected");
  }

  @Test
  void changesTheRatesOfAClientAndRejectsAGuaranteeAboveCapacity() throws Exception {
    // given
    crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");

    // when
    browser.activate("Change web-1");
    assertThat(browser.focused()).isEqualTo("Guarantee");
    browser.press(Keys.chord(Keys.CONTROL, "a"), "1 MiB/s", Keys.ENTER);

    // then
    browser.awaitText("#change [role=alert]", "would exceed the 184320B/s that can be");
    assertThat(browser.console()).singleElement().asString().contains("status of 409");

    // when
    browser.find("#guarantee").sendKeys(Keys.chord(Keys.CONTROL, "a"), "8 KiB/s");
    browser.find("#ceiling").sendKeys("16KB", Keys.ENTER);

    // then
    browser.awaitText("#message", "web-1 is guaranteed 8.0 KiB/s now; its ceiling is 16.0 KiB/s.");
    assertThat(browser.focused()).isEqualTo("Change web-1");
    browser.awaitText("#client-rows [data-field=guarantee]", "8.0 KiB/s");
    browser.awaitText("#client-rows [data-field=ceiling]", "16.0 KiB/s");
  }

  @Test
  void showsADeviceFailureAndItsRecovery() throws Exception {
    // given
    crowd.drawAll("greedy");
    FaultyDevice device = stage.device();
    String name = device.path();

    // when
    device.stick();

    // then
    browser.awaitText("#state", "device failed");
    assertThat(browser.title()).isEqualTo("device failed · NetRNG server");
    assertThat(browser.cell("source-rows", name, "state")).startsWith("failed: ");
    assertThat(browser.cell("source-rows", name, "tests")).contains("repetition-count");
    browser.awaitText("#event-rows", "failed " + name);

    // when
    device.recover();

    // then
    browser.awaitText("#message", name + ": healthy");
    browser.awaitText("#event-rows", "recovered " + name);
    assertThat(browser.cell("source-rows", name, "failure")).contains("failed its start-up test");
  }

  @Test
  void showsALostConnectionToTheServerAndItsRecovery() {
    // when
    browser.cutOff(true);

    // then
    browser.awaitText("#state", "connection lost");
    assertThat(browser.title()).isEqualTo("connection lost · NetRNG server");
    browser.awaitText("#message", "The server does not answer.");

    // when
    browser.cutOff(false);

    // then
    browser.awaitText("#message", "The server answers again.");
    browser.awaitText("#state", "healthy");
    assertThat(browser.console()).isNotEmpty().allMatch(line -> line.contains("net::ERR_"));
  }

  @Test
  void hasNoAccessibilityViolationsInTheLightAndDarkSchemes() throws Exception {
    // given somebody who is kept out, and some who draw
    for (int i = 1; i <= 8; i++) {
      crowd.draw((i <= 4 ? "web-" : "db-") + i, 3 * i);
    }
    RawClient kicked = crowd.join("web-9");
    browser.awaitText("#client-rows", "web-9");
    browser.activate("Kick web-9");
    browser.press(Keys.ARROW_DOWN);
    browser.activate("Kick");
    assertThat(kicked.closed().code()).isEqualTo(5);
    browser.awaitText("#hold-rows", "web-9");
    await("the curves have a shape")
        .atMost(AppProcess.PATIENCE)
        .until(() -> browser.text("#client-rows svg title").matches(".* in ([6-9]|\\d\\d) s"));

    for (String scheme : List.of("light", "dark")) {
      // when
      browser.prefer(scheme);

      // then
      assertThat(browser.violations()).as(scheme).isEmpty();
      browser.screenshot("page-" + scheme);

      // when
      browser.activate("Change db-5");

      // then
      assertThat(browser.violations()).as(scheme).isEmpty();

      // when
      browser.press(Keys.ESCAPE);
      browser.activate("Kick db-5");
      browser.press(Keys.ARROW_DOWN);

      // then
      browser.awaitText("#kick-effect", "stays out for 5 min");
      assertThat(browser.violations()).as(scheme).isEmpty();
      browser.screenshot("kick-" + scheme);
      browser.press(Keys.ESCAPE);
    }
    browser.activate("Lift the hold of web-9");
    browser.awaitCount("#hold-rows tr", 0);
  }
}
