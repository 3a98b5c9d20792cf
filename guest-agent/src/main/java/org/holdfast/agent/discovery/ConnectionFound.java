package org.holdfast.agent.discovery;

import java.util.List;
import java.util.Optional;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/**
 * A connection of this guest.
 *
 * @param holders processes that have a descriptor of it, this agent not counted
 * @param owner of the first of them, "sshd[812]"; empty if there is none
 * @param unmanaged why it is left to TCP; empty if it can be managed
 */
public record ConnectionFound(
    SocketDiagnosis socket,
    List<SocketHolder> holders,
    String owner,
    Optional<UnmanagedReason> unmanaged) {

  /** Whether it can be exported. */
  public boolean isManageable() {
    return unmanaged.isEmpty();
  }

  /** The same connection, left to TCP for {@code reason}. */
  public ConnectionFound left(UnmanagedReason reason) {
    return new ConnectionFound(socket, holders, owner, Optional.of(reason));
  }
}
