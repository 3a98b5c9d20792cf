package org.holdfast.agent.session;

import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.channel.MessageOutput;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.wire.WireFormatException;

/** The answer to one request: some messages, the last of them marked. */
final class Reply {
  private final MessageOutput output;
  private final long request;

  Reply(MessageOutput output, long request) {
    this.output = output;
    this.request = request;
  }

  /** A message to which more follow. */
  void part(GuestMessage.Builder message) throws HostGoneException, AgentException {
    add(message.setLast(false));
  }

  /** The last message: everything goes out now. */
  void last(GuestMessage.Builder message) throws HostGoneException, AgentException {
    add(message.setLast(true));
    flush();
  }

  /** Everything said so far goes out now. */
  void flush() throws HostGoneException {
    output.flush();
  }

  /** Hands the port what it takes without waiting. */
  void writeSome() {
    output.writeSome();
  }

  private void add(GuestMessage.Builder message) throws HostGoneException, AgentException {
    try {
      output.add(message.setRequest(request).build());
    } catch (WireFormatException e) {
      throw new AgentException(AgentErrorCode.AGENT_ERROR_CODE_TOO_LARGE, e.getMessage() + "");
    }
  }
}
