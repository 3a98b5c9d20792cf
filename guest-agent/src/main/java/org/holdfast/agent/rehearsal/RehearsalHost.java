package org.holdfast.agent.rehearsal;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.agent.channel.FrameInput;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.channel.MessageOutput;
import org.holdfast.agent.session.Session;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.ReadyRequest;
import org.holdfast.proto.agent.v1.ReleaseRequest;
import org.holdfast.proto.agent.v1.ScanRequest;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.wire.ConnectionToken;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.WireFormatException;

/** Plays the host: says what a host says, frames and all, and believes only the right answers. */
final class RehearsalHost implements MessageOutput {
  private static final String DOMAIN = "00000000-0000-4000-8000-000000000000";
  private static final int FREEZE_BOUND_MILLIS = 1000;
  private static final Ticket TICKET =
      Ticket.newBuilder()
          .setMigrationId("rehearsal")
          .setHolder("nobody")
          .setSecret(ByteString.copyFrom(new byte[32]))
          .build();

  private final FrameInput input = new FrameInput();
  private final FrameCodec.Writer writer = new FrameCodec.Writer(new Nowhere());
  private final ConnectionToken token =
      new ConnectionToken(TICKET.getSecret(), TICKET.getMigrationId(), DOMAIN);
  private final List<GuestMessage> answers = new ArrayList<>();
  private List<GuestMessage> taken = List.of();
  private long request;

  /** Has everything looked at. */
  void scan(Session session) throws HostGoneException, WireFormatException {
    ask(session, HostMessage.newBuilder().setScan(ScanRequest.getDefaultInstance()));
  }

  /** Takes over; {@code connections} of them, or it has failed. */
  void takeOver(Session session, int connections)
      throws HostGoneException, WireFormatException, RehearsalException {
    standReady(session);
    GuestMessage exported =
        ask(
            session,
            HostMessage.newBuilder()
                .setExport(
                    ExportRequest.newBuilder()
                        .setTicket(TICKET)
                        .setFreezeBoundMillis(FREEZE_BOUND_MILLIS)
                        .setStandMillis(FREEZE_BOUND_MILLIS)));
    require(exported.getExportResult().getConnections() == connections, "export", exported);
    taken = List.copyOf(answers);
  }

  /** Gives back what was taken over last; {@code connections} of them, or it has failed. */
  void giveBack(Session session, int connections)
      throws HostGoneException, WireFormatException, RehearsalException {
    standReady(session);
    GuestMessage conformed = conform(session, taken, connections);
    boolean all =
        conformed.getConformResult().getConnectionsList().stream()
            .allMatch(connection -> connection.getConformed());
    require(all && conformed.hasConformResult(), "conform", conformed);
    GuestMessage released =
        ask(
            session,
            HostMessage.newBuilder()
                .setRelease(ReleaseRequest.newBuilder().setMigrationId(TICKET.getMigrationId())));
    require(released.getReleaseResult().getReleased() == connections, "release", released);
  }

  private void standReady(Session session)
      throws HostGoneException, WireFormatException, RehearsalException {
    GuestMessage ready =
        ask(
            session,
            HostMessage.newBuilder()
                .setReady(
                    ReadyRequest.newBuilder()
                        .setFreezeBoundMillis(FREEZE_BOUND_MILLIS)
                        .setDomainUuid(DOMAIN)));
    require(ready.hasReadyResult(), "ready", ready);
  }

  private GuestMessage conform(Session session, List<GuestMessage> exported, int connections)
      throws HostGoneException, WireFormatException {
    request++;
    for (GuestMessage message : exported) {
      if (message.hasExported()) {
        say(session, HostMessage.newBuilder().setConform(conform(message.getExported())));
      }
    }
    answers.clear();
    say(
        session,
        HostMessage.newBuilder()
            .setConformCommit(
                ConformCommit.newBuilder()
                    .setMigrationId(TICKET.getMigrationId())
                    .setDomainUuid(DOMAIN)
                    .setConnections(connections)));
    return last();
  }

  /**
   * Every other one is said to have been acknowledged by its peer meanwhile: such a socket is
   * disconnected and restored, the others go on as they are, and both must be rehearsed.
   */
  private ConformRequest conform(ExportedConnection exported) {
    int acknowledged = exported.getConnection() % 2;
    return ConformRequest.newBuilder()
        .setConnection(exported.getConnection())
        .setReached(
            exported.getState().toBuilder().setReceiveQueueBytes(0).setSendQueueBytes(acknowledged))
        .setToken(token.of(exported.getState().getId()))
        .build();
  }

  private GuestMessage ask(Session session, HostMessage.Builder question)
      throws HostGoneException, WireFormatException {
    request++;
    answers.clear();
    say(session, question);
    return last();
  }

  private void say(Session session, HostMessage.Builder message)
      throws HostGoneException, WireFormatException {
    input.accept(FrameCodec.encode(message.setRequest(request).build()), session::handle);
  }

  private GuestMessage last() {
    return answers.isEmpty() ? GuestMessage.getDefaultInstance() : answers.get(answers.size() - 1);
  }

  private static void require(boolean right, String step, GuestMessage answer)
      throws RehearsalException {
    if (!right) {
      throw new RehearsalException(step + " was answered with " + answer.toString().strip());
    }
  }

  @Override
  public void add(GuestMessage message) throws HostGoneException, WireFormatException {
    try {
      writer.write(message);
    } catch (IOException e) {
      throw new HostGoneException(e.toString());
    }
    answers.add(detached(message));
  }

  /** The bytes of a chunk are the kernel's buffer, which the next export overwrites. */
  private static GuestMessage detached(GuestMessage message) {
    if (!message.hasChunk()) {
      return message;
    }
    ByteString copy = ByteString.copyFrom(message.getChunk().getData().toByteArray());
    return message.toBuilder().setChunk(message.getChunk().toBuilder().setData(copy)).build();
  }

  @Override
  public void writeSome() {}

  @Override
  public void flush() {}

  /** Takes everything and keeps nothing. */
  private static final class Nowhere implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int count = bytes.remaining();
      bytes.position(bytes.limit());
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
