package org.holdfast.channel;

import java.time.Duration;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;

/** An export as it comes from the agent: the connections, then what they have never sent. */
public final class ExportTransfer implements AutoCloseable {
  private final ChannelOptions options;
  private final PendingAnswer answer;
  private final Deadline deadline;
  private boolean whole;
  private RestAssembly rest = new RestAssembly();

  ExportTransfer(ChannelTransport transport, ChannelOptions options, ExportRequest request) {
    this.options = options;
    this.answer = transport.expect("export the connections");
    this.deadline = Deadline.in(options.answerBound());
    boolean said = false;
    try {
      transport.say(
          HostMessage.newBuilder().setRequest(answer.request()).setExport(request).build());
      said = true;
    } finally {
      if (!said) {
        answer.close();
      }
    }
  }

  /**
   * Passes on the connections. Peers wait for this.
   *
   * @param sink called on this thread while the answer still comes in
   * @param most how long this may take
   * @throws AgentFailure and then what the sink was given is of no use, and this closed: send
   *     {@link AgentChannel#forget}
   */
  public ExportResult connections(ExportSink sink, Duration most) {
    Deadline end = deadline.atMost(most);
    boolean done = false;
    try {
      ExportAssembly assembly = new ExportAssembly(answer, options.limits(), sink);
      while (!assembly.isComplete()) {
        GuestMessage message = answer.next(end);
        assembly.add(message);
        whole = message.getLast();
      }
      rest = assembly.rest();
      done = true;
      return assembly.result();
    } finally {
      if (!done) {
        close(); // what still comes must not keep other answers from being read
      }
    }
  }

  /**
   * Passes on what was never sent. Nobody waits for it, and none of it is lost if it does not come:
   * the guest has it.
   *
   * @param sink called on this thread while the answer still comes in
   * @throws AgentFailure if it does not come to its end
   */
  public void rest(RestSink sink) {
    while (!whole) {
      GuestMessage message = answer.next(deadline);
      whole = message.getLast();
      rest.add(answer, message, sink);
    }
  }

  /** Lets go of the answer, whole or not. */
  @Override
  public void close() {
    answer.close();
  }
}
