package org.holdfast.takeover.host;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.proto.host.v1.KeptCopy;
import org.holdfast.proto.host.v1.KeptInterface;
import org.holdfast.proto.host.v1.KeptNamespace;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.ForwardingTable.Entry;
import org.holdfast.takeover.host.ForwardingTable.Lasting;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;

/** A takeover namespace as it is written down for the process that goes on with it, and read. */
final class KeptRecord {
  /** Of {@link KeptNamespace}. */
  static final int FORMAT = 1;

  private KeptRecord() {}

  /** A copy, and what it was made of. */
  record Copy(int index, TcpSnapshot takenOver) {}

  /** Link-local addresses stand on an interface of the namespace; which, its copies know. */
  private static final class AnyInterface implements InterfaceResolver {
    private static final MacAddress MAC = new MacAddress(0x02_00_00_00_00_01L);

    @Override
    public Optional<MacAddress> macOf(int interfaceIndex) {
      return Optional.of(MAC);
    }

    @Override
    public OptionalInt indexOf(MacAddress mac) {
      return OptionalInt.of(1);
    }
  }

  /** Collects the copies. */
  static final class Builder {
    private final KeptNamespace.Builder record;

    private Builder(KeptNamespace.Builder record) {
      this.record = record;
    }

    void add(int index, TcpSnapshot takenOver) {
      try {
        record.addCopies(
            KeptCopy.newBuilder()
                .setIndex(index)
                .setTakenOver(ConnectionCodec.encode(takenOver, new AnyInterface())));
      } catch (WireFormatException e) {
        throw new IllegalStateException("it came as such a message", e);
      }
    }

    KeptNamespace build() {
      return record.build();
    }
  }

  /**
   * Everything but the copies.
   *
   * @param mostSpooledBytes bound for all connections
   */
  static Builder of(BuiltNamespace built, long mostSpooledBytes, byte[] note) {
    KeptNamespace.Builder record =
        KeptNamespace.newBuilder()
            .setFormat(FORMAT)
            .setId(built.names().id())
            .setMostSpooledBytes(mostSpooledBytes)
            .setNote(ByteString.copyFrom(note));
    built.interfaces().forEach(played -> record.addInterfaces(encode(played)));
    return new Builder(record);
  }

  private static KeptInterface encode(PlayedInterface played) {
    VmInterface vm = played.vmInterface();
    KeptInterface.Builder message =
        KeptInterface.newBuilder()
            .setMac(vm.mac().toByteString())
            .setBridge(vm.port().bridge())
            .setTap(vm.port().tap())
            .setFiltered(vm.port().filtered())
            .setMtu(vm.mtu());
    for (InterfaceAddress own : vm.addresses()) {
      message.addAddresses(
          org.holdfast.proto.agent.v1.InterfaceAddress.newBuilder()
              .setAddress(ByteString.copyFrom(own.address().getAddress()))
              .setPrefixLength(own.prefixLength()));
    }
    played
        .forwardingBefore()
        .ifPresent(
            before ->
                message
                    .setForwardingPort(before.portIndex())
                    .setForwardingLasting(before.lasting().ordinal()));
    return message.build();
  }

  /**
   * The interfaces as they were, without what only their making needed.
   *
   * @throws UnknownHostException an address is none
   */
  static List<VmInterface> interfaces(KeptNamespace record) throws UnknownHostException {
    List<VmInterface> interfaces = new ArrayList<>();
    for (KeptInterface message : record.getInterfacesList()) {
      List<InterfaceAddress> addresses = new ArrayList<>();
      for (var own : message.getAddressesList()) {
        addresses.add(
            new InterfaceAddress(
                InetAddress.getByAddress(own.getAddress().toByteArray()), own.getPrefixLength()));
      }
      interfaces.add(
          new VmInterface(
              new HostPort(
                  MacAddress.of(message.getMac().toByteArray()),
                  message.getBridge(),
                  message.getTap(),
                  message.getFiltered()),
              message.getMtu(),
              addresses,
              List.of(),
              List.of()));
    }
    return interfaces;
  }

  /** Where an interface's MAC led to before the takeover. */
  static Optional<Entry> forwardingBefore(KeptInterface message) {
    return message.getForwardingPort() == 0
        ? Optional.empty()
        : Optional.of(
            new Entry(
                message.getForwardingPort(), Lasting.values()[message.getForwardingLasting()]));
  }

  /** The copies, in the order of their descriptors. */
  static List<Copy> copies(KeptNamespace record) throws WireFormatException {
    List<Copy> copies = new ArrayList<>();
    for (KeptCopy message : record.getCopiesList()) {
      copies.add(
          new Copy(
              message.getIndex(),
              ConnectionCodec.decode(message.getTakenOver(), new AnyInterface())));
    }
    return copies;
  }
}
