package org.holdfast.agent;

import org.holdfast.proto.agent.v1.ForgetRequest;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Ping;
import org.holdfast.proto.agent.v1.ReadyRequest;
import org.holdfast.proto.agent.v1.ReleaseRequest;
import org.holdfast.proto.agent.v1.ScanRequest;

/** Requests of one message. */
final class Requests {
  private Requests() {}

  static HostMessage.Builder scan() {
    return HostMessage.newBuilder().setScan(ScanRequest.getDefaultInstance());
  }

  static HostMessage.Builder ready(String domain) {
    return HostMessage.newBuilder()
        .setReady(ReadyRequest.newBuilder().setFreezeBoundMillis(2000).setDomainUuid(domain));
  }

  static HostMessage.Builder ping() {
    return HostMessage.newBuilder().setPing(Ping.getDefaultInstance());
  }

  static HostMessage.Builder forget(String migrationId) {
    return HostMessage.newBuilder()
        .setForget(ForgetRequest.newBuilder().setMigrationId(migrationId));
  }

  static HostMessage.Builder release(String migrationId) {
    return HostMessage.newBuilder()
        .setRelease(ReleaseRequest.newBuilder().setMigrationId(migrationId));
  }
}
