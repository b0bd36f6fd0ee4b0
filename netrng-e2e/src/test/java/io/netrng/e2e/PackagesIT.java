// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The life of both Debian packages on one machine, from the installation to the purge: each test
 * goes on where the one before has ended.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PackagesIT {

  private static final String SERVER = "netrng-server";
  private static final String CLIENT = "netrng-client";
  private static final String CAP_SYS_ADMIN = "0000000000200000";
  private static final String NONE = "0000000000000000";

  /** One block of rngd and more: it has come through to the kernel. */
  private static final int BLOCK = 2_500;

  private static final String NETTYS_ARCHITECTURE =
      System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";

  private static AptRepository repository;
  private static DebianMachine machine;

  @BeforeAll
  static void start() throws Exception {
    Path server = DebPackage.built(SERVER);
    repository = AptRepository.of(server, DebPackage.built(CLIENT));
    machine =
        DebianMachine.start(
            "packages", DebianMachine.thisRelease(), List.of(DebPackage.ofLaterVersion(server)));
    AptRepository.prepare(machine);
    repository.publish(machine);
    // As hardened machines have it; the units' PrivateTmp= is a folder in it.
    machine.run("mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 tmpfs /tmp");
  }

  /** The libraries of Netty, and anything in /tmp, that a service has mapped. */
  private static List<String> nativeLibraries(String unit) throws Exception {
    String pid = machine.property(unit, "MainPID");
    return machine
        .run("awk '$6 ~ /netty|^.tmp/ { print $6 }' /proc/%s/maps | sort -u".formatted(pid))
        .lines()
        .toList();
  }

  @AfterAll
  static void stop() throws Exception {
    machine.close();
    repository.delete();
  }

  private static double consumed() throws Exception {
    String metrics = machine.run("curl --silent http://127.0.0.1:8081/actuator/prometheus");
    return metrics
        .lines()
        .filter(line -> line.startsWith("netrng_rngd_consumed_bytes_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  @Test
  @Order(1)
  void theServerPackageStartsAReadyServiceWithoutCapabilities() throws Exception {
    // given its user, as after a removal, and a device for its group
    machine.run(
        """
        adduser --quiet --system --group --home /var/lib/netrng-server --no-create-home netrng-server
        chown root:netrng-server /dev/hwrng
        chmod 640 /dev/hwrng
        """);

    // when
    machine.run(AptRepository.typed("packages, repository"));
    machine.run(AptRepository.typed("packages, repository, server"));

    // then it has told systemd that it serves
    assertThat(machine.property(SERVER, "ActiveState")).isEqualTo("active");
    assertThat(machine.run("systemctl is-enabled netrng-server")).isEqualTo("enabled\n");
    machine.awaitReadiness(8080);
    machine.awaits(
        "systemd is told how it is",
        "systemctl show --property StatusText netrng-server | grep '/dev/hwrng healthy; clients: 0'");
    machine.run("test -s /usr/lib/netrng-server/netrng-server.aot");
    assertThat(machine.run("curl --silent http://127.0.0.1:8080/actuator/prometheus"))
        .containsPattern("\nprocess_cpu_usage [0-9]");
    assertThat(nativeLibraries(SERVER))
        .containsExactly(
            "/usr/lib/netrng-server/native/libnetty_transport_native_epoll_%s.so"
                .formatted(NETTYS_ARCHITECTURE));
    // and is who it should be
    assertThat(machine.status(SERVER, "Uid")).doesNotContain("0\t0");
    assertThat(machine.status(SERVER, "CapBnd")).isEqualTo(NONE);
    assertThat(machine.status(SERVER, "NoNewPrivs")).isEqualTo("1");
    assertThat(machine.run("stat -c '%U %a' /var/lib/netrng-server /var/lib/netrng-server/*"))
        .isEqualTo("netrng-server 700\nnetrng-server 600\n");
  }

  @Test
  @Order(2)
  void theUdevRuleGivesTheDeviceToTheServersGroup() throws Exception {
    machine.run("chown root:root /dev/hwrng && chmod 600 /dev/hwrng");
    machine.run(
        """
        if [ -d /sys/class/misc/hw_random ]; then
          udevadm test --action=add /sys/class/misc/hw_random 2>&1 | grep 'GROUP\\|MODE'
        else
          chown root:netrng-server /dev/hwrng
          chmod 640 /dev/hwrng
        fi
        """);
    assertThat(machine.run("stat -c '%U %G %a' /dev/hwrng")).isEqualTo("root netrng-server 640\n");
    // and udev has nothing to say about any line of the rules
    assertThat(machine.run("udevadm test --action=add /sys/class/mem/null 2>&1"))
        .contains("Reading rules file: /usr/lib/udev/rules.d/60-netrng-server.rules")
        .doesNotContain("60-netrng-server.rules:");
  }

  @Test
  @Order(3)
  void theClientPackageFeedsTheKernelWithOnlyCapSysAdmin() throws Exception {
    machine.run(AptRepository.typed("packages, repository, client"));
    assertThat(machine.property(CLIENT, "ActiveState")).isEqualTo("active");
    machine.awaitReadiness(8081);
    assertThat(machine.journal(CLIENT)).doesNotContain("[error]", " ERROR ");
    machine.awaits(
        "systemd is told how it is",
        "systemctl show --property StatusText netrng-client | grep 'stream up, rngd up, kernel up'");
    assertThat(consumed()).isGreaterThanOrEqualTo(BLOCK);
    assertThat(nativeLibraries(CLIENT))
        .containsExactly(
            "/usr/lib/netrng-client/native/libnetty_transport_native_epoll_%s.so"
                .formatted(NETTYS_ARCHITECTURE));
    assertThat(machine.status(CLIENT, "Uid")).doesNotContain("0\t0");
    for (String set : List.of("CapEff", "CapPrm", "CapAmb", "CapBnd")) {
      assertThat(machine.status(CLIENT, set)).as(set).isEqualTo(CAP_SYS_ADMIN);
    }
  }

  @Test
  @Order(4)
  void unitsBehindTheFirstSeedStartAfterItsCredit() throws Exception {
    // given
    assertThat(machine.run("systemctl is-enabled netrng-client-seeded || true"))
        .isEqualTo("static\n");
    machine.run(
        """
        cp --preserve=all /etc/netrng/client.properties /root/client.properties
        echo 'netrng.client.sink=kernel' >>/etc/netrng/client.properties
        systemctl stop netrng-server netrng-client
        cat >/etc/systemd/system/ssh-host-keys.service <<'END'
        %sEND
        systemctl daemon-reload
        """
            .formatted(
                Blocks.tested("packages, seeded", "docs/boot.md")
                    .replace("/usr/bin/ssh-keygen -A", "/bin/touch /run/keys")));

    // when no server gives entropy
    machine.dropIn("netrng-client-seeded", "[Service]\nTimeoutStartSec=5s");
    String failure = machine.run("! systemctl start ssh-host-keys 2>&1");

    // then it fails after the limit
    assertThat(failure).contains("dependency job for ssh-host-keys.service failed");
    assertThat(machine.property("netrng-client-seeded", "Result")).isEqualTo("timeout");
    machine.run("systemctl is-active netrng-client && ! test -e /run/keys");

    // when a server gives entropy while it waits
    machine.run(
        """
        rm -r /etc/systemd/system/netrng-client-seeded.service.d
        systemctl daemon-reload
        systemctl start --no-block ssh-host-keys
        systemctl start netrng-server
        """);

    // then
    machine.awaits("the unit has started", "test -e /run/keys");
    machine.run("systemctl is-active netrng-client-seeded && test -e /run/netrng-client/seeded");

    // and when the client stops
    machine.run("systemctl stop netrng-client");

    // then its file is gone, and the unit stays, because the kernel keeps its seed
    machine.run("! test -e /run/netrng-client && systemctl is-active ssh-host-keys");
    machine.run(
        """
        mv /root/client.properties /etc/netrng/client.properties
        rm /etc/systemd/system/ssh-host-keys.service
        systemctl daemon-reload
        systemctl start netrng-client
        """);
    machine.awaitReadiness(8081);
  }

  @Test
  @Order(5)
  void theSinkKernelWorksInTheUnitOfThePackage() throws Exception {
    // when
    machine.run(
        """
        cp --preserve=all /etc/netrng/client.properties /root/client.properties
        echo 'netrng.client.sink=kernel' >>/etc/netrng/client.properties
        systemctl restart netrng-client
        """);

    // then
    machine.awaits(
        "the kernel is credited and reseeds",
        "curl --silent http://127.0.0.1:8081/actuator/prometheus"
            + " | grep -E '^netrng_kernel_reseeds_total [1-9]'");
    machine.awaitReadiness(8081);
    machine.awaits(
        "systemd is told how it is",
        "systemctl show --property StatusText netrng-client | grep '=stream up, kernel up'");
    assertThat(
            machine.run(
                "pgrep --parent %s || echo none".formatted(machine.property(CLIENT, "MainPID"))))
        .as("children of the client")
        .isEqualTo("none\n");
    assertThat(machine.status(CLIENT, "CapEff")).isEqualTo(CAP_SYS_ADMIN);
    machine.run(
        """
        mv /root/client.properties /etc/netrng/client.properties
        systemctl restart netrng-client
        """);
    machine.awaitReadiness(8081);
  }

  @Test
  @Order(6)
  void theUnitsKeepTheirProcessAndWatchdogWhenItIsReplacedAfterAClone() throws Exception {
    for (String unit : List.of(CLIENT, SERVER)) {
      // given
      String pid = machine.property(unit, "MainPID");
      String watchdog = machine.property(unit, "WatchdogUSec");
      String restarts = machine.property(unit, "NRestarts");

      // when
      machine.run(Blocks.tested("clones, request", "docs/clones.md").replace(CLIENT, unit));

      // then
      machine.awaits(
          unit + " provides fresh entropy",
          "journalctl --unit %s _PID=%s | grep 'fresh entropy after a clone'".formatted(unit, pid));
      assertThat(machine.property(unit, "MainPID")).isEqualTo(pid);
      assertThat(machine.property(unit, "NRestarts")).isEqualTo(restarts);
      assertThat(machine.property(unit, "ActiveState")).isEqualTo("active");
      machine.awaits(
          "the extension of the watchdog ends",
          "systemctl show --property WatchdogUSec %s | grep --line-regexp WatchdogUSec=%s"
              .formatted(unit, watchdog));
    }
    machine.awaitReadiness(8081);
    assertThat(machine.status(CLIENT, "CapEff")).isEqualTo(CAP_SYS_ADMIN);
    assertThat(
            machine.run("pgrep --parent %s".formatted(machine.property(CLIENT, "MainPID"))).lines())
        .as("children of the client")
        .hasSize(1);
  }

  @Test
  @Order(7)
  void theUnitsDetectARestoreByTheVmClock() throws Exception {
    // given the page of a VMClock (its magic number, its flags and generation 1) in a virtual
    // machine
    machine.run(
        """
        truncate --size=4K /dev/vmclock0
        chmod 444 /dev/vmclock0
        printf VCLK | dd of=/dev/vmclock0 conv=notrunc
        printf '\\001' | dd of=/dev/vmclock0 bs=1 seek=25 conv=notrunc
        printf '\\001' | dd of=/dev/vmclock0 bs=1 seek=104 conv=notrunc
        echo 'flags : hypervisor' >/root/cpuinfo
        """);
    for (String unit : List.of(CLIENT, SERVER)) {
      machine.dropIn(unit, "[Service]\nBindReadOnlyPaths=/root/cpuinfo:/proc/cpuinfo");
      machine.run("systemctl restart " + unit);
      machine.awaits(
          unit + " watches the VMClock",
          "journalctl --unit %s | grep 'watching for clones.*vmclock'".formatted(unit));
    }

    // when
    machine.run("printf '\\002' | dd of=/dev/vmclock0 bs=1 seek=104 conv=notrunc");

    // then
    for (String unit : List.of(CLIENT, SERVER)) {
      machine.awaits(
          unit + " provides fresh entropy",
          "journalctl --unit %s | grep 'fresh entropy after a clone.*vmclock'".formatted(unit));
      machine.run(
          """
          rm -f /dev/vmclock0 /etc/systemd/system/%1$s.service.d/test.conf
          systemctl daemon-reload
          systemctl restart %1$s
          """
              .formatted(unit));
    }
    machine.awaitReadiness(8080);
    machine.awaitReadiness(8081);
  }

  @Test
  @Order(8)
  void theDocumentedStepsGiveServerAndClientTls() throws Exception {
    // when
    machine.run(AptRepository.typed("packages, server"));
    machine.run("cd /root/web-1\n" + AptRepository.typed("packages, client"));

    // then
    machine.awaitReadiness(8081);
    machine.awaits(
        "the stream is TLS",
        "journalctl --unit netrng-client | grep 'admitted by server.*192.0.2.10:8989'");
    machine.awaits(
        "the client is known by its certificate",
        "journalctl --unit netrng-server | grep 'client connected.*identity=\"web-1\"'");
  }

  @Test
  @Order(9)
  void checkConfigFindsAKeyThatTheServiceCannotRead() throws Exception {
    // given
    String check = Blocks.tested("packages, check", "docs/operate.md");
    assertThat(machine.run(check))
        .isEqualTo(
            "/etc/netrng/server.properties is valid.\n/etc/netrng/client.properties is valid.\n");

    // when a configuration names a key of root
    machine.run(
        """
        cd /etc/netrng
        install -m 600 server.key root.key
        sed 's/server.key/root.key/' server.properties >new.properties
        """);
    String answer =
        machine.run("! netrng check-config server --config /etc/netrng/new.properties 2>&1");

    // then
    assertThat(answer).contains("/etc/netrng/root.key (Permission denied)");
    machine.run("rm /etc/netrng/root.key /etc/netrng/new.properties");
  }

  @Test
  @Order(10)
  void systemdUnitsAreValidAndHardened() throws Exception {
    for (String unit : List.of(SERVER, CLIENT, CLIENT + "-seeded")) {
      String file = "/usr/lib/systemd/system/%s.service".formatted(unit);
      assertThat(machine.run("systemd-analyze verify --man=no " + file + " 2>&1")).isEmpty();
      machine.run("systemd-analyze security --offline=true --threshold=20 --no-pager " + file);
    }
  }

  @Test
  @Order(11)
  void aReloadAppliesChangesWithoutARestartOrAStreamFailure() throws Exception {
    // given
    String before = machine.property(SERVER, "MainPID") + machine.property(CLIENT, "MainPID");
    long failures = streamFailures();

    // when
    machine.run("echo netrng.server.max-clients=7 >>/etc/netrng/server.properties");
    machine.run("systemctl reload netrng-server netrng-client");

    // then
    machine.awaits(
        "the server has read its policies",
        "journalctl --unit netrng-server | grep 'new policies apply'");
    machine.awaits(
        "the client has read its certificates",
        "journalctl --unit netrng-client | grep 'SIGHUP received, reloading'");
    machine.awaits("it is over", "systemctl is-active netrng-server netrng-client");
    assertThat(machine.property(SERVER, "MainPID") + machine.property(CLIENT, "MainPID"))
        .isEqualTo(before);
    assertThat(streamFailures()).isEqualTo(failures);
  }

  private static long streamFailures() throws Exception {
    return machine
        .journal(CLIENT)
        .lines()
        .filter(line -> line.contains("stream from server failed"))
        .count();
  }

  @Test
  @Order(12)
  void theWatchdogRestartsAServerThatHangs() throws Exception {
    // given
    machine.dropIn(SERVER, "[Service]\nWatchdogSec=5s\nRestartSec=100ms");
    machine.run("systemctl restart netrng-server");
    String hanging = machine.property(SERVER, "MainPID");

    // when
    machine.run("kill -STOP " + hanging);

    // then
    machine.awaits(
        "systemd misses the signs of life",
        "journalctl --unit netrng-server | grep 'Watchdog timeout'");
    machine.awaits("it is there again", "systemctl is-active netrng-server");
    assertThat(machine.property(SERVER, "MainPID")).isNotEqualTo(hanging);
    assertThat(machine.property(SERVER, "NRestarts")).isEqualTo("1");
    machine.awaitReadiness(8081);
  }

  @Test
  @Order(13)
  void theWatchdogDoesNotRestartAServerWhoseDeviceFails() throws Exception {
    // given the short watchdog of the test before
    machine.run(
        """
        echo netrng.server.source.devices=/dev/zero >>/etc/netrng/server.properties
        systemctl restart netrng-server
        """);

    // when it has failed for longer than the watchdog waits
    machine.awaits(
        "systemd is told of it",
        "systemctl show --property StatusText netrng-server | grep '/dev/zero failed'");
    machine.awaits(
        "it fails again and again",
        "test $(journalctl --unit netrng-server | grep -c 'health test failed.*/dev/zero') -ge 4");

    // then
    assertThat(machine.property(SERVER, "ActiveState")).isEqualTo("active");
    assertThat(machine.property(SERVER, "NRestarts")).isEqualTo("0");
    assertThat(machine.run("curl --silent http://127.0.0.1:8080/actuator/health/readiness"))
        .contains("\"status\":\"DOWN\"");
    machine.run("sed -i /dev.zero/d /etc/netrng/server.properties");
  }

  @Test
  @Order(14)
  void theServerFailsToStartWithADeviceThatItsUnitDoesNotAllow() throws Exception {
    // when its group may, and the unit says no
    machine.dropIn(SERVER, "[Service]\nDeviceAllow=\nRestart=no");
    machine.run("systemctl restart netrng-server || true");

    // then
    assertThat(machine.property(SERVER, "ActiveState")).isEqualTo("failed");
    assertThat(machine.journal(SERVER))
        .contains(
            "netrng.server.source.devices = /dev/hwrng cannot be read: Operation not permitted",
            "DeviceAllow=/dev/hwrng r")
        .doesNotContain("cancelling refresh attempt", "\tat ");
  }

  @Test
  @Order(15)
  void anInvalidPropertyLogsOneErrorPerStartUntilTheStartLimit() throws Exception {
    // given
    machine.dropIn(SERVER, "[Unit]\nStartLimitBurst=3\n[Service]\nRestartSec=100ms");
    machine.run("systemctl reset-failed netrng-server");

    // when
    machine.run(
        """
        echo netrng.server.port=99999 >>/etc/netrng/server.properties
        systemctl restart netrng-server || true
        """);

    // then
    machine.awaits(
        "systemd has had enough",
        "journalctl --unit netrng-server | grep 'Start request repeated too quickly'");
    assertThat(machine.property(SERVER, "ActiveState")).isEqualTo("failed");
    assertThat(machine.journal(SERVER).lines())
        .filteredOn(line -> line.contains("netrng.server.port = 99999 is not possible"))
        .hasSize(3);
    assertThat(machine.property(SERVER, "ExecMainStatus")).isEqualTo("1");
  }

  @Test
  @Order(16)
  void anUpgradeKeepsTheConfigurationAndStartsTheNewVersion() throws Exception {
    // given
    machine.run(
        """
        rm -r /etc/systemd/system/netrng-server.service.d
        sed -i /99999/d /etc/netrng/server.properties
        systemctl daemon-reload
        systemctl reset-failed netrng-server
        systemctl start netrng-server
        systemctl restart netrng-client
        """);
    machine.awaitReadiness(8081);
    String before = machine.property(SERVER, "MainPID");
    String trained = machine.run("stat -c %y /usr/lib/netrng-server/netrng-server.aot");

    // when it is unpacked
    machine.run("dpkg --force-confold --unpack /packages/later.deb");

    // then the old version goes on
    assertThat(machine.property(SERVER, "MainPID")).isEqualTo(before);
    machine.awaitReadiness(8080);

    // and when
    String said = machine.run("dpkg --force-confold --configure netrng-server 2>&1");

    // then
    assertThat(said).contains("Training").doesNotContain("slower");
    assertThat(machine.run("dpkg-query -W -f '${Version} ${Status}' netrng-server"))
        .isEqualTo("99.0 install ok installed");
    assertThat(machine.property(SERVER, "ActiveState")).isEqualTo("active");
    assertThat(machine.property(SERVER, "MainPID")).isNotEqualTo(before);
    assertThat(machine.run("stat -c %y /usr/lib/netrng-server/netrng-server.aot"))
        .isNotEqualTo(trained);
    assertThat(machine.run("cat /etc/netrng/server.properties"))
        .contains("netrng.server.max-clients=7")
        .doesNotContain("# of 99.0");
    machine.awaits(
        "the client is back",
        "systemctl show --property StatusText netrng-client | grep 'stream up, rngd up, kernel up'");
    assertThat(machine.journal(CLIENT)).contains("shutdown", "the server is shutting down");
  }

  @Test
  @Order(17)
  void anAotTrainingAboveItsTimeLimitIsStoppedAndTheServiceStarts() throws Exception {
    // given
    machine.run(
        """
        cp /usr/lib/netrng-server/train /packages/train
        printf '#!/bin/sh\\nexec sleep infinity\\n' >/usr/lib/netrng-server/train
        systemctl stop netrng-server
        """);

    // when
    String output =
        machine.run(
            "NETRNG_TRAINING_LIMIT=1s /var/lib/dpkg/info/netrng-server.postinst configure 2>&1");

    // then
    assertThat(output)
        .contains("The training was ended after 1s.", "netrng-server starts slower until");
    machine.run("test ! -e /usr/lib/netrng-server/netrng-server.aot");
    machine.awaitReadiness(8080);
    machine.run("mv /packages/train /usr/lib/netrng-server/train");
  }

  @Test
  @Order(18)
  void removalKeepsTheConfigurationAndPurgeLeavesOnlyTheUsers() throws Exception {
    // given what the administrator has put there is gone
    machine.run(
        """
        rm -r /etc/netrng/authority /etc/netrng/*.crt /etc/netrng/*.key /web-1.netrng /root/web-1
        rm -r /srv/netrng /etc/apt/sources.list.d/netrng.sources /etc/apt/keyrings/netrng.asc
        rm -r /var/lib/apt/lists
        """);

    // when
    machine.run("dpkg --remove netrng-server netrng-client");

    // then
    assertThat(machine.run("pgrep java || echo none")).isEqualTo("none\n");
    assertThat(machine.run("ls /etc/netrng"))
        .isEqualTo("client.properties\nserver.properties\nserver.properties.dpkg-dist\n");
    assertThat(machine.run("ls -d /usr/lib/netrng* /var/lib/netrng* || true").lines())
        .filteredOn(line -> line.startsWith("/"))
        .containsExactly("/var/lib/netrng-server");

    // and when
    machine.run("dpkg --purge netrng-server netrng-client");

    // then the users alone are left
    assertThat(
            machine
                .run(
                    "find / -xdev -name '*netrng*' -not -path '/packages*' -not -path '/proc/*'"
                        + " -not -path '/var/log/*'")
                .strip())
        .isEmpty();
    assertThat(machine.run("getent passwd netrng-server netrng-client").lines()).hasSize(2);
  }
}
