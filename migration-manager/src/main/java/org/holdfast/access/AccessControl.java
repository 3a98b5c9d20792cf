package org.holdfast.access;

import com.google.longrunning.OperationsGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.Map;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may call what, before anything of the call is read. The table below is the whole of
 * it; a method that it does not name is open to nobody.
 */
public final class AccessControl implements ServerInterceptor {
  private static final Map<String, Role> NEEDED =
      Map.ofEntries(
          Map.entry(MigrationServiceGrpc.getMigrateDomainMethod().getFullMethodName(), Role.ACT),
          Map.entry(MigrationServiceGrpc.getSuspendDomainMethod().getFullMethodName(), Role.ACT),
          Map.entry(MigrationServiceGrpc.getResumeDomainMethod().getFullMethodName(), Role.ACT),
          Map.entry(MigrationServiceGrpc.getWatchMigrationMethod().getFullMethodName(), Role.READ),
          Map.entry(MigrationServiceGrpc.getListConnectionsMethod().getFullMethodName(), Role.READ),
          Map.entry(OperationsGrpc.getGetOperationMethod().getFullMethodName(), Role.READ),
          Map.entry(OperationsGrpc.getListOperationsMethod().getFullMethodName(), Role.READ),
          Map.entry(OperationsGrpc.getWaitOperationMethod().getFullMethodName(), Role.READ),
          Map.entry(OperationsGrpc.getCancelOperationMethod().getFullMethodName(), Role.ACT),
          Map.entry(OperationsGrpc.getDeleteOperationMethod().getFullMethodName(), Role.ACT),
          Map.entry(TransferServiceGrpc.getPrepareMethod().getFullMethodName(), Role.HOST),
          Map.entry(TransferServiceGrpc.getAbandonMethod().getFullMethodName(), Role.HOST),
          Map.entry(TransferServiceGrpc.getFollowMethod().getFullMethodName(), Role.HOST),
          Map.entry(TransferServiceGrpc.getArriveMethod().getFullMethodName(), Role.HOST),
          Map.entry(TransferServiceGrpc.getClaimMethod().getFullMethodName(), Role.HOST),
          Map.entry(HealthGrpc.getCheckMethod().getFullMethodName(), Role.ANYONE),
          Map.entry(HealthGrpc.getWatchMethod().getFullMethodName(), Role.ANYONE),
          Map.entry(
              ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName(), Role.READ));

  private final AccessRules rules;

  public AccessControl(AccessRules rules) {
    this.rules = rules;
  }

  /**
   * @throws IllegalStateException a method of the service has no place in the table: nobody could
   *     ever call it
   */
  public static void requireDecided(ServerServiceDefinition service) {
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      String name = method.getMethodDescriptor().getFullMethodName();
      if (!NEEDED.containsKey(name)) {
        throw new IllegalStateException(name + " has no role in AccessControl");
      }
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = Caller.of(call.getAttributes());
    String method = call.getMethodDescriptor().getFullMethodName();
    Role needed = NEEDED.get(method);
    if (needed == null || !rules.permit(caller, needed)) {
      StatusRuntimeException refusal = StatusMapping.toGrpc(refusal(caller, needed, method));
      Metadata trailers = refusal.getTrailers();
      call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(Caller.CURRENT, caller), call, headers, next);
  }

  private static HoldfastException refusal(Caller caller, @Nullable Role needed, String method) {
    String what = "%s may not %s: %s.".formatted(caller, words(needed), method);
    String section =
        needed == Role.HOST ? "access.hosts" : needed == Role.ACT ? "access.act" : "access.read";
    return new HoldfastException(
        ErrorCode.PERMISSION_DENIED,
        Character.toUpperCase(what.charAt(0)) + what.substring(1),
        caller instanceof Caller.Local
            ? "Call as root, or name the user or a group of it under "
                + section
                + " in holdfastd.yaml on this host."
            : "Name the certificate under " + section + " in holdfastd.yaml on that host.");
  }

  private static String words(@Nullable Role needed) {
    return needed == null ? "call what nobody may" : needed.words();
  }
}
