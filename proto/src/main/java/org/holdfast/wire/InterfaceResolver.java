package org.holdfast.wire;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which interface of this network namespace has which Ethernet address. Link-local addresses mean
 * something only on an interface; its index differs from host to host, the VM's MAC does not.
 */
public interface InterfaceResolver {

  /** The Ethernet address of the interface with this index, empty if there is none. */
  Optional<MacAddress> macOf(int interfaceIndex);

  /** The index of the interface that stands for this Ethernet address, empty if there is none. */
  OptionalInt indexOf(MacAddress mac);

  /** For places where no link-local address is expected: knows no interface. */
  static InterfaceResolver none() {
    return new InterfaceResolver() {
      @Override
      public Optional<MacAddress> macOf(int interfaceIndex) {
        return Optional.empty();
      }

      @Override
      public OptionalInt indexOf(MacAddress mac) {
        return OptionalInt.empty();
      }
    };
  }
}
