package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import java.util.Set;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.LabOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.DockerClientFactory;

/** Labs of different names share nothing, and one that is closed leaves nothing. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class SeveralLabsTest {
  private final Lab lab;

  SeveralLabsTest(Lab lab) {
    this.lab = lab;
  }

  @Test
  void aSecondLabComesAndGoesBesideTheFirst() {
    String name = lab.name() + "-b";
    try (Lab second = Lab.start(LabOptions.named(name).withoutProduct())) {
      assertThat(second.addresses(second.peer())).doesNotContainAnyElementsOf(allAddresses());
      assertThat(second.host("kvm1").virsh("list", "--name").orThrow().text()).isEmpty();
      assertThatThrownBy(() -> Lab.start(LabOptions.named(name)))
          .isInstanceOf(LabException.class)
          .hasMessageContaining("up already");
      assertThat(Lab.running()).contains(name, lab.name());
    }

    DockerClient docker = DockerClientFactory.lazyClient();
    Set<String> label = Set.of("org.holdfast.lab=" + name);
    assertThat(docker.listContainersCmd().withShowAll(true).withLabelFilter(label).exec())
        .isEmpty();
    assertThat(docker.listNetworksCmd().withFilter("label", label).exec()).isEmpty();
    assertThat(Lab.running()).doesNotContain(name).contains(lab.name());
    assertThat(lab.host("kvm1").virsh("list").succeeded()).isTrue();
  }

  private Set<String> allAddresses() {
    return lab.machines().stream()
        .flatMap(machine -> lab.addresses(machine).stream())
        .collect(java.util.stream.Collectors.toSet());
  }
}
