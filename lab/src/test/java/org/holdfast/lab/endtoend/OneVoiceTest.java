package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.wire.Capture;
import org.holdfast.lab.wire.CapturedFrame;
import org.holdfast.lab.wire.TcpSegment;
import org.holdfast.lab.wire.Voice;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Invariant 1, seen on the wire: at any instant at most one stack speaks for a VM. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class OneVoiceTest {
  private final Lab lab;
  private final VirtualMachine vm;

  OneVoiceTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @Test
  void guestThenCopyThenGuestElsewhere() throws Exception {
    String source = vm.host().name();
    String target = Product.other(lab, vm.host()).name();
    List<Voice> voices;
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(10))) {
      voices = voicesDuring(() -> load.phase("migration", () -> Product.migrate(lab, vm)));
      assertThat(load.stop().phase("migration").complaints()).isEmpty();
    }

    assertThat(voices).extracting(Voice::host).containsExactly(source, source, target);
    assertThat(voices.get(0).port()).as("copy's port").isNotEqualTo(voices.get(1).port());
  }

  private interface Work {
    void run() throws Exception;
  }

  private List<Voice> voicesDuring(Work work) throws Exception {
    String filter = "tcp and (src host %s or src host %s)".formatted(vm.ipv4(), vm.ipv6());
    Map<String, Capture> captures = new HashMap<>();
    Map<String, Integer> uplinks = new HashMap<>();
    for (KvmHost host : lab.hosts()) {
      captures.put(host.name(), Capture.ofAll(host, filter));
      uplinks.put(host.name(), host.uplinkIndex());
    }
    work.run();
    Map<String, List<CapturedFrame>> frames = new HashMap<>();
    captures.forEach((host, capture) -> frames.put(host, capture.stop()));
    String mac = vm.interfaces().get(0).mac();
    return Voice.of(frames, uplinks, mac, frame -> TcpSegment.of(frame).isPresent());
  }
}
