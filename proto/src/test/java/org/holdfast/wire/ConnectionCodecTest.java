package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.holdfast.wire.WireFormatException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConnectionCodecTest {
  private static final MacAddress MAC = MacAddress.of("52:54:00:0a:0b:0c");

  /** The VM's interface has index 2 in the guest and 17 in the takeover namespace. */
  private static InterfaceResolver withIndex(int index) {
    return new InterfaceResolver() {
      @Override
      public Optional<MacAddress> macOf(int interfaceIndex) {
        return interfaceIndex == index ? Optional.of(MAC) : Optional.empty();
      }

      @Override
      public OptionalInt indexOf(MacAddress mac) {
        return mac.equals(MAC) ? OptionalInt.of(index) : OptionalInt.empty();
      }
    };
  }

  @ParameterizedTest
  @EnumSource(SocketFamily.class)
  void everyFieldComesBack(SocketFamily family) throws Exception {
    TcpSnapshot snapshot = snapshot(family, TcpState.ESTABLISHED);
    ConnectionState message = ConnectionCodec.encode(snapshot, InterfaceResolver.none());
    ConnectionState travelled = ConnectionState.parseFrom(message.toByteArray());
    assertThat(ConnectionCodec.decode(travelled, InterfaceResolver.none())).isEqualTo(snapshot);
  }

  @ParameterizedTest
  @EnumSource(TcpState.class)
  void everyStateComesBack(TcpState state) throws Exception {
    TcpSnapshot snapshot = snapshot(SocketFamily.IPV4, state);
    int resetErrno = state == TcpState.CLOSE ? 104 : 0;
    ConnectionState message =
        ConnectionCodec.encode(snapshot, resetErrno, InterfaceResolver.none());
    assertThat(ConnectionCodec.decode(message, InterfaceResolver.none())).isEqualTo(snapshot);
  }

  @Test
  void aLinkLocalAddressFindsItsInterfaceByTheVmsMac() throws Exception {
    byte[] address = InetAddress.getByName("fe80::5054:ff:fe0a:b0c").getAddress();
    InetSocketAddress inGuest =
        new InetSocketAddress(Inet6Address.getByAddress(null, address, 2), 22);
    Endpoint endpoint = EndpointCodec.encode(inGuest, withIndex(2));
    InetSocketAddress held = EndpointCodec.decode(endpoint, "local", withIndex(17));
    assertThat(held.getPort()).isEqualTo(22);
    assertThat(((Inet6Address) held.getAddress()).getScopeId()).isEqualTo(17);
    assertThat(held.getAddress().getAddress()).isEqualTo(address);

    refused(
        Code.UNKNOWN_INTERFACE,
        () -> EndpointCodec.decode(endpoint, "local", InterfaceResolver.none()));
    refused(Code.UNKNOWN_INTERFACE, () -> EndpointCodec.encode(inGuest, withIndex(3)));
    Endpoint bare = endpoint.toBuilder().clearInterfaceMac().build();
    refused(Code.MISSING, () -> EndpointCodec.decode(bare, "local", withIndex(17)));
    Endpoint cut = endpoint.toBuilder().setInterfaceMac(MAC.toByteString().substring(0, 5)).build();
    refused(Code.BAD_ADDRESS, () -> EndpointCodec.decode(cut, "local", withIndex(17)));
  }

  @Test
  void anInterfaceOnAnAddressThatNeedsNoneIsRefused() {
    refused(
        Code.CONTRADICTION,
        message -> message.getIdBuilder().getLocalBuilder().setInterfaceMac(MAC.toByteString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1"})
  void addressesThatNameNoHostAreRefused(String text) throws Exception {
    ByteString octets = ByteString.copyFrom(InetAddress.getByName(text).getAddress());
    refused(
        Code.BAD_ADDRESS, message -> message.getIdBuilder().getPeerBuilder().setAddress(octets));
  }

  @Test
  void addressesOfOddShapeAreRefused() {
    ByteString mapped = ByteString.fromHex("00000000000000000000ffff0a000001");
    refused(
        Code.BAD_ADDRESS, message -> message.getIdBuilder().getLocalBuilder().setAddress(mapped));
    refused(
        Code.BAD_ADDRESS,
        message -> message.getIdBuilder().getLocalBuilder().setAddress(mapped.substring(0, 5)));
    refused(Code.MISSING, message -> message.getIdBuilder().getLocalBuilder().clearAddress());
    refused(
        Code.CONTRADICTION,
        message ->
            message.setFamily(org.holdfast.proto.connection.v1.SocketFamily.SOCKET_FAMILY_IPV6));
    refused(Code.OUT_OF_BOUNDS, message -> message.getIdBuilder().getPeerBuilder().setPort(0));
    refused(Code.OUT_OF_BOUNDS, message -> message.getIdBuilder().getPeerBuilder().setPort(65_536));
    refused(Code.OUT_OF_BOUNDS, message -> message.getIdBuilder().getPeerBuilder().setPort(-1));
  }

  @Test
  void whatIsNotSaidIsRefused() {
    refused(Code.MISSING, message -> message.clearFamily());
    refused(Code.MISSING, message -> message.clearState());
    refused(Code.MISSING, message -> message.clearOptions());
    refused(Code.MISSING, message -> message.clearWindow());
    refused(Code.OUT_OF_BOUNDS, message -> message.clearId());
    refused(Code.UNKNOWN_VALUE, message -> message.setFamilyValue(99));
    refused(Code.UNKNOWN_VALUE, message -> message.setStateValue(12));
  }

  @Test
  void numbersOutOfBoundsAreRefused() {
    refused(Code.OUT_OF_BOUNDS, message -> message.getOptionsBuilder().setSendWindowScale(15));
    refused(Code.OUT_OF_BOUNDS, message -> message.getOptionsBuilder().setReceiveWindowScale(-1));
    refused(Code.OUT_OF_BOUNDS, message -> message.getOptionsBuilder().setWindowScaling(false));
    refused(Code.OUT_OF_BOUNDS, message -> message.getOptionsBuilder().setMssClamp(0));
    refused(Code.OUT_OF_BOUNDS, message -> message.getOptionsBuilder().setMssClamp(65_536));
    refused(
        Code.OUT_OF_BOUNDS,
        message -> message.setSendQueueBytes(ConnectionCodec.MAXIMUM_QUEUE_BYTES + 1));
    refused(Code.OUT_OF_BOUNDS, message -> message.setReceiveQueueBytes(-1));
    refused(Code.OUT_OF_BOUNDS, message -> message.setUnsentBytes(1_001));
    refused(Code.OUT_OF_BOUNDS, message -> message.setRttMicros(-5));
    refused(Code.OUT_OF_BOUNDS, message -> message.setUserTimeoutMillis(-1));
    refused(Code.OUT_OF_BOUNDS, message -> message.setResetErrno(-104));
    refused(Code.OUT_OF_BOUNDS, message -> message.setCongestionControl("a".repeat(16)));
    refused(Code.OUT_OF_BOUNDS, message -> message.setCongestionControl("cubic\0"));
  }

  @Test
  void contradictionsAreRefused() {
    refused(Code.CONTRADICTION, message -> message.setFinQueued(true));
    refused(Code.CONTRADICTION, message -> message.setFinReceived(true));
    refused(Code.CONTRADICTION, message -> message.setResetErrno(104));
    refused(
        Code.CONTRADICTION,
        message -> message.setState(org.holdfast.proto.connection.v1.TcpState.TCP_STATE_CLOSE));
    refused(Code.CONTRADICTION, message -> message.getWindowBuilder().setSndWnd(-1));
  }

  @Test
  void mutatedMessagesAreDecodedOrRefusedAndNothingElse() throws Exception {
    byte[] original =
        ConnectionCodec.encode(
                snapshot(SocketFamily.IPV6, TcpState.FIN_WAIT1), InterfaceResolver.none())
            .toByteArray();
    Random random = new Random(42);
    int refused = 0;
    for (int round = 0; round < 100_000; round++) {
      byte[] mutated = original.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      try {
        TcpSnapshot snapshot =
            ConnectionCodec.decode(ConnectionState.parseFrom(mutated), withIndex(3));
        assertThat(snapshot.unsentBytes()).isBetween(0, snapshot.sendQueueBytes());
      } catch (WireFormatException | InvalidProtocolBufferException expected) {
        refused++;
      }
    }
    assertThat(refused).isBetween(10_000, 99_999);
  }

  private static void refused(Code code, Consumer<ConnectionState.Builder> change) {
    refused(
        code,
        () -> {
          ConnectionState.Builder message =
              ConnectionCodec.encode(
                  snapshot(SocketFamily.IPV4, TcpState.ESTABLISHED), InterfaceResolver.none())
                  .toBuilder();
          change.accept(message);
          ConnectionCodec.decode(message.build(), withIndex(3));
        });
  }

  private static void refused(
      Code code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WireFormatException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static TcpSnapshot snapshot(SocketFamily family, TcpState state) {
    boolean ipv6 = family == SocketFamily.IPV6;
    return new TcpSnapshot(
        family,
        new InetSocketAddress(ipv6 ? "fd00::1" : "10.0.0.1", 80),
        new InetSocketAddress(ipv6 ? "fd00::2" : "10.0.0.2", 65_535),
        state,
        0xffff_fff0,
        0x8000_0001,
        1_000,
        400,
        77,
        new NegotiatedOptions(true, true, true, 7, 14, 1_448, true),
        0xdead_beef,
        new TcpWindow(1, 64_000, 0xffff_0000, 65_536, 5),
        new RoundTripTime(120, 30),
        "bbr",
        true,
        false,
        10_000,
        state == TcpState.CLOSE ? 104 : 0);
  }
}
