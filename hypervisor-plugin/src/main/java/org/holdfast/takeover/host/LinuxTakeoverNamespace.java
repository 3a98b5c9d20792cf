package org.holdfast.takeover.host;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.HeldConnections;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TrackedConnection;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.NftablesFence.Step;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The order of fence, steering and parking; each step closes before the next opens. */
final class LinuxTakeoverNamespace implements TakeoverNamespace {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxTakeoverNamespace.class);

  private final HostContext host;
  private final BuiltNamespace built;
  private final LinuxHeldConnections connections;
  private final Announcements announcements;
  private final long mostSpooledBytes;
  private Stage stage = Stage.PREPARED;

  LinuxTakeoverNamespace(HostContext host, BuiltNamespace built, HoldOptions options) {
    this.host = host;
    this.built = built;
    this.connections = new LinuxHeldConnections(built, options);
    this.announcements = new Announcements(host.clock());
    this.mostSpooledBytes = options.spool().bytesPerVm();
  }

  /**
   * Goes on where another process was killed. Between two steps of {@link #shut} or {@link
   * #replayParked}, say: from OPEN what follows it is done again.
   */
  static LinuxTakeoverNamespace goOn(
      HostContext host, BuiltNamespace built, HoldOptions options, NamespaceKeeper.Found found) {
    LinuxTakeoverNamespace namespace = new LinuxTakeoverNamespace(host, built, options);
    host.fence().takeUp(built.names().ports(built.interfaces().size()));
    host.fence().takeUp(namespace.taps());
    namespace.connections.goOn(found);
    if (namespace.takeoverPorts().stream().anyMatch(host.fence()::isClosed)) {
      namespace.stage = Stage.PARKING;
    } else {
      namespace.stage = Stage.OPEN;
      namespace.connections.release();
      namespace.replayParked();
    }
    return namespace;
  }

  /** Nothing in the blackout shall happen for the first time; nothing of this is heard outside. */
  void rehearse() {
    require(Stage.PREPARED);
    connections.rehearse();
    built.kept().rehearse(record(new byte[0]).build());
    built.inside().call(() -> built.nftables().run(SilenceRules.REHEARSAL));
    steering(
        () -> {
          built.interfaces().forEach(PlayedInterface::rehearse);
          return true;
        });
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public String name() {
    return built.name();
  }

  @Override
  public List<VmInterface> interfaces() {
    return map(PlayedInterface::vmInterface);
  }

  @Override
  public HeldConnections connections() {
    return connections;
  }

  @Override
  public List<TrackedConnection> tracked() {
    return connections.takenOver().entrySet().stream()
        .flatMap(
            one ->
                host
                    .tracking()
                    .find(one.getKey(), one.getValue().local(), one.getValue().peer())
                    .stream())
        .toList();
  }

  /**
   * Mute before steering: while the VM can still speak, the bridge would learn its MAC at the tap
   * again. Steering before deaf: until the entry has moved, frames still reach the VM, whose export
   * comes later and contains them.
   */
  @Override
  public void fence() {
    require(Stage.PREPARED);
    // From the first step on there is something to take back, even if the next one fails.
    stage = Stage.PARKING;
    steering(
        () -> {
          host.fence().take(new Step(taps(), List.of(), List.of(), parkingPorts()));
          built.interfaces().forEach(PlayedInterface::steerAwayFromVm);
          host.fence().take(Step.deafen(taps()));
          return true;
        });
  }

  @Override
  public void open() {
    require(Stage.PARKING);
    connections.admitAll();
    host.fence().open(takeoverPorts());
    stage = Stage.OPEN;
  }

  @Override
  public void keep(byte[] note) {
    require(Stage.OPEN);
    connections.keep(record(note));
  }

  private KeptRecord.Builder record(byte[] note) {
    return KeptRecord.of(built, mostSpooledBytes, note);
  }

  @Override
  public FrameCount replayParked() {
    require(Stage.OPEN);
    connections.takeWhatIsTheirs();
    return steering(
        () -> {
          FrameCount count = FrameCount.NONE;
          for (PlayedInterface played : built.interfaces()) {
            count = count.plus(played.replayAndSteerToNamespace());
          }
          host.fence().take(Step.deafen(parkingPorts()));
          for (PlayedInterface played : built.interfaces()) {
            count = count.plus(played.replay());
          }
          return count;
        });
  }

  @Override
  public void announce() {
    require(Stage.OPEN);
    announcements.begin(() -> built.inside().call(this::announceInside));
  }

  private boolean announceInside() {
    List<PlayedInterface> interfaces = built.interfaces();
    for (int i = 0; i < interfaces.size(); i++) {
      try (FrameSender sender = new FrameSender(NetworkInterfaces.index(OwnNames.inside(i)))) {
        AnnouncementFrames.announcing(interfaces.get(i).vmInterface()).forEach(sender::send);
      }
    }
    return true;
  }

  /** What peers send is steered away first: from then on nothing new can be acknowledged. */
  @Override
  public void shut() {
    require(Stage.OPEN);
    announcements.stop();
    steering(
        () -> {
          host.fence().take(Step.hear(parkingPorts()));
          built.interfaces().forEach(PlayedInterface::steerToParking);
          host.fence().close(takeoverPorts());
          return true;
        });
    stage = Stage.PARKING;
  }

  @Override
  public FrameCount passOnParked(Consumer<ParkedFrame> receiver) {
    if (stage == Stage.HANDED_OVER) {
      return FrameCount.NONE;
    }
    require(Stage.PARKING);
    FrameCount count = built.keeper().passOn(receiver);
    for (PlayedInterface played : built.interfaces()) {
      count = count.plus(played.passOn(receiver));
    }
    return count;
  }

  @Override
  public FrameCount handOver(Consumer<ParkedFrame> receiver) {
    require(Stage.PARKING);
    if (taps().stream().anyMatch(host.fence()::isClosed)) {
      return passOnParked(receiver);
    }
    FrameCount count = built.keeper().passOn(receiver);
    for (PlayedInterface played : built.interfaces()) {
      boolean vmIsBehindTap = !host.fence().isClosed(played.tap());
      count =
          count.plus(steering(() -> played.passOnAndGiveForwardingBack(receiver, vmIsBehindTap)));
    }
    host.fence().take(Step.deafen(parkingPorts()));
    count = count.plus(passOnParked(receiver));
    stage = Stage.HANDED_OVER;
    return count;
  }

  @Override
  public void close() {
    if (stage == Stage.CLOSED) {
      return;
    }
    announcements.stop();
    connections.dropSilently();
    if (stage == Stage.PARKING || stage == Stage.OPEN) {
      host.fence().close(takeoverPorts());
      giveForwardingBack();
    }
    boolean fencedTaps = stage != Stage.PREPARED;
    stage = Stage.CLOSED;
    built.interfaces().forEach(PlayedInterface::close);
    built.demolition().run();
    if (fencedTaps) {
      host.fence().open(taps());
    }
  }

  /** A bridge that is gone, say, must not keep the rest from being cleared away. */
  private void giveForwardingBack() {
    for (PlayedInterface played : built.interfaces()) {
      try {
        steering(
            () -> {
              played.giveForwardingBack(false);
              return true;
            });
      } catch (TakeoverException e) {
        LOG.warn("{}: {}", name(), e.getMessage());
      }
    }
  }

  private void require(Stage expected) {
    if (stage != expected) {
      throw new TakeoverException(
          Code.OUT_OF_ORDER,
          "the takeover namespace " + name() + " is " + stage + ", this needs " + expected);
    }
  }

  private <T> T steering(Callable<T> work) {
    try {
      return work.call();
    } catch (KernelException e) {
      throw new TakeoverException(
          Code.STEERING_FAILED,
          "the bridge's forwarding entry for the VM could not be changed: " + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("no work here throws a checked exception", e);
    }
  }

  private List<String> taps() {
    return map(PlayedInterface::tap);
  }

  private List<String> takeoverPorts() {
    return map(PlayedInterface::takeoverPort);
  }

  private List<String> parkingPorts() {
    return map(PlayedInterface::parkingPort);
  }

  private <T> List<T> map(Function<PlayedInterface, T> property) {
    return built.interfaces().stream().map(property).toList();
  }
}
