package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.PacketSocket;
import org.holdfast.linux.PollSet;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.ProbedAddress;
import org.holdfast.takeover.ProbedAddress.Finding;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;

/**
 * Asks on each bridge who has the addresses a guest claims, all at once. Answers are heard at two
 * places: at the VM's tap, where only the VM can speak, and at the bridge, to which everybody
 * answers, because the question carries its MAC. The VM must be heard at both: what a filter of its
 * tap stops (libvirt's no-arp-spoofing), no host may say for it either.
 */
final class LinkProbe {
  private static final int BUFFER_BYTES = 256 * 1024;
  private static final int HEARD_BYTES = 128;

  private final HostContext host;
  private final List<VmInterface> interfaces;

  LinkProbe(HostContext host, List<VmInterface> interfaces) {
    this.host = host;
    this.interfaces = interfaces;
  }

  /** Waits {@code bound} in full: somebody else's answer may come late. */
  List<ProbedAddress> run(Duration bound) {
    List<Link> links = host.links();
    List<Ear> ears = new ArrayList<>();
    List<Question> questions = new ArrayList<>();
    try {
      for (VmInterface vmInterface : interfaces) {
        ask(links, vmInterface, ears, questions);
      }
      listen(ears, questions, System.nanoTime() + bound.toNanos());
    } finally {
      ears.forEach(ear -> ear.socket.close());
    }
    return questions.stream().map(Question::result).toList();
  }

  private void ask(
      List<Link> links, VmInterface vmInterface, List<Ear> ears, List<Question> questions) {
    Link bridge = Links.bridge(links, vmInterface.port().bridge());
    Link tap = Links.port(links, vmInterface.port().bridge(), vmInterface.port().tap());
    if (!bridge.up()) {
      throw new TakeoverException(
          Code.PORT_MISSING, "the bridge '" + bridge.name() + "' is down; raise it");
    }
    host.thread()
        .call(
            () -> {
              ears.add(new Ear(listenAt(tap), vmInterface, true));
              ears.add(new Ear(listenAt(bridge), vmInterface, false));
              try (FrameSender mouth = new FrameSender(bridge.index())) {
                for (InterfaceAddress claimed : vmInterface.addresses()) {
                  Question question = new Question(vmInterface, claimed);
                  questions.add(question);
                  if (question.isAskable()) {
                    mouth.send(AnnouncementFrames.asking(bridge.mac(), claimed.address()));
                  }
                }
              }
              return true;
            });
  }

  private static PacketSocket listenAt(Link link) {
    return PacketSocket.open(link.index(), BUFFER_BYTES, true, FrameFilter.addressResolution());
  }

  private static void listen(List<Ear> ears, List<Question> questions, long deadline) {
    PollSet poll = new PollSet(ears.stream().mapToInt(ear -> ear.socket.descriptor()).toArray());
    ByteBuffer frame = ByteBuffer.allocateDirect(HEARD_BYTES);
    long left = deadline - System.nanoTime();
    while (left > 0) {
      poll.await(Duration.ofNanos(left));
      for (Ear ear : ears) {
        while (ear.socket.receive(frame.clear()) >= 0) {
          byte[] heard = new byte[frame.flip().remaining()];
          frame.get(heard);
          AddressAnswer.parse(heard)
              .ifPresent(answer -> questions.forEach(question -> question.hear(ear, answer)));
        }
      }
      left = deadline - System.nanoTime();
    }
  }

  /** A place where answers are heard. */
  private record Ear(PacketSocket socket, VmInterface vmInterface, boolean atTap) {}

  /** One address and what was heard of it. */
  private static final class Question {
    private final VmInterface vmInterface;
    private final InterfaceAddress claimed;
    private boolean vmAnswered;
    private boolean vmPassedItsFilters;
    private boolean someoneElseAnswered;

    Question(VmInterface vmInterface, InterfaceAddress claimed) {
      this.vmInterface = vmInterface;
      this.claimed = claimed;
    }

    boolean isAskable() {
      InetAddress address = claimed.address();
      return !address.isMulticastAddress()
          && !address.isAnyLocalAddress()
          && !address.isLoopbackAddress();
    }

    void hear(Ear ear, AddressAnswer answer) {
      if (ear.vmInterface != vmInterface || !answer.address().equals(claimed.address())) {
        return;
      }
      MacAddress mac = vmInterface.mac();
      if (!answer.source().equals(mac)) {
        someoneElseAnswered = true;
      } else if (answer.claimedMac().equals(mac)) {
        vmAnswered |= ear.atTap;
        vmPassedItsFilters |= !ear.atTap;
      }
    }

    ProbedAddress result() {
      Finding finding;
      if (!isAskable()) {
        finding = Finding.NOT_ASKABLE;
      } else if (someoneElseAnswered) {
        finding = Finding.SOMEONE_ELSES;
      } else {
        finding = vmAnswered && vmPassedItsFilters ? Finding.OWN : Finding.SILENT;
      }
      return new ProbedAddress(vmInterface.mac(), claimed, finding);
    }
  }
}
