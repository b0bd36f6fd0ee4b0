// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.client.sink.CapSysAdminCheck.User;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapSysAdminCheckTest {

  private static final String ALL = "000001ffffffffff";
  private static final String ADMIN = "0000000000200000";
  private static final String NONE = "0000000000000000";
  private static final String INITIAL = "         0          0 4294967295\n";

  @TempDir Path proc;

  private void process(int uid, String effective, String ambient, String uidMap)
      throws IOException {
    Files.writeString(
        proc.resolve("status"),
        "Name:\tjava\nUid:\t%1$d\t%1$d\t%1$d\t%1$d\nCapEff:\t%2$s\nCapAmb:\t%3$s\n"
            .formatted(uid, effective, ambient));
    Files.writeString(proc.resolve("uid_map"), uidMap);
  }

  private void refused(String problem) {
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> CapSysAdminCheck.require(proc, User.CHILD))
        .withMessageContaining(problem);
  }

  @Test
  void allowsRootWithAllCapabilities() throws IOException {
    process(0, ALL, NONE, INITIAL);
    assertThatCode(() -> CapSysAdminCheck.require(proc, User.CHILD)).doesNotThrowAnyException();
  }

  @Test
  void allowsAnotherUserWithTheAmbientCapability() throws IOException {
    process(1000, ADMIN, ADMIN, INITIAL);
    assertThatCode(() -> CapSysAdminCheck.require(proc, User.CHILD)).doesNotThrowAnyException();
  }

  @Test
  void rejectsAnotherUserWithACapabilityThatRngdDoesNotInherit() throws IOException {
    process(1000, ADMIN, NONE, INITIAL);
    refused("no CAP_SYS_ADMIN");
  }

  @Test
  void allowsAProcessItselfWithoutTheAmbientCapability() throws IOException {
    process(1000, ADMIN, NONE, INITIAL);
    assertThat(CapSysAdminCheck.missing(proc, User.ITSELF)).isEmpty();
    process(1000, NONE, NONE, INITIAL);
    assertThat(CapSysAdminCheck.missing(proc, User.ITSELF)).contains("no CAP_SYS_ADMIN");
  }

  @Test
  void rejectsRootWithoutTheCapability() throws IOException {
    process(0, "000001ffffdfffff", NONE, INITIAL);
    refused("no CAP_SYS_ADMIN");
  }

  @Test
  void rejectsRootOfAnotherUserNamespace() throws IOException {
    process(0, ALL, NONE, "         0       1000          1\n");
    refused("not the initial user namespace");
  }

  @Test
  void failsWithAnErrorIfProcIsMissing() {
    refused("cannot be told");
  }
}
