package org.holdfast.api;

import io.grpc.BindableService;
import java.util.List;

/** An engine, what it offers to other hosts, and its end. */
public interface RunningEngine extends AutoCloseable {

  MigrationEngine engine();

  /** Services for other hosts: only on TCP, where callers have certificates. */
  List<BindableService> hostServices();

  /** Called last when the daemon stops, after no caller is left. */
  @Override
  void close();
}
