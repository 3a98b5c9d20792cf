package org.holdfast.agent.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What /proc says, as captured from running kernels. */
class ProcTextTest {
  @Test
  void findsTheUnifiedTreeWhereverItIsMounted() {
    List<String> hybrid =
        List.of(
            "37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer",
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw");
    assertThat(CgroupHierarchy.find(hybrid))
        .hasValue(new CgroupHierarchy(Path.of("/sys/fs/cgroup/unified")));
    List<String> pure =
        List.of("30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate");
    assertThat(CgroupHierarchy.find(pure)).hasValue(new CgroupHierarchy(Path.of("/sys/fs/cgroup")));
    assertThat(CgroupHierarchy.find(List.of("1 0 0:1 / / rw - tmpfs none rw"))).isEmpty();
    assertThat(CgroupHierarchy.find(List.of("", "30 24"))).isEmpty();
  }

  @Test
  void findsTheCgroupOfAProcess() {
    assertThat(CgroupHierarchy.pathIn(List.of("9:name=systemd:/x", "0::/system.slice/ssh.service")))
        .hasValue("/system.slice/ssh.service");
    assertThat(CgroupHierarchy.pathIn(List.of("9:name=systemd:/x"))).isEmpty();
  }

  @Test
  void aCgroupContainsItselfAndWhatIsBelow() {
    assertThat(CgroupHierarchy.contains("/a", "/a")).isTrue();
    assertThat(CgroupHierarchy.contains("/a", "/a/b")).isTrue();
    assertThat(CgroupHierarchy.contains("/a", "/ab")).isFalse();
    assertThat(CgroupHierarchy.contains("/", "/ab")).isTrue();
  }

  @Test
  void readsStatesOfThreadsWhateverTheirName() {
    assertThat(ThreadStates.state("812 (sshd) S 1 812")).isEqualTo('S');
    assertThat(ThreadStates.state("812 (a) T (b) R 1 812")).isEqualTo('R');
    assertThat(ThreadStates.state("812 (evil) T) T 1 812")).isEqualTo('T');
    assertThat(ThreadStates.state("nonsense")).isEqualTo('?');
    assertThat(
            ThreadStates.startTime("7 (x) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 99"))
        .isEqualTo("4711");
  }
}
