package org.holdfast.migration.transfer;

import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.access.Caller;
import org.holdfast.proto.v1.ArriveRequest;
import org.holdfast.proto.v1.ArriveResponse;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PrepareResponse;
import org.holdfast.proto.v1.TargetProgress;

/** Nobody migrates here. */
public final class NoTarget implements TransferServer.Target {
  /** As a source: every domain may run where it has arrived. */
  public static ArriveResponse.Verdict run(ArriveRequest request, Caller caller) {
    return ArriveResponse.Verdict.VERDICT_RUN;
  }

  @Override
  public PrepareResponse prepare(PrepareRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<String> announcer(String migrationId) {
    return Optional.empty();
  }

  @Override
  public void abandon(String migrationId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void comesWithOwnSockets(String migrationId) {}

  @Override
  public void follow(String migrationId, Consumer<TargetProgress> onEnd) {
    throw new UnsupportedOperationException();
  }
}
