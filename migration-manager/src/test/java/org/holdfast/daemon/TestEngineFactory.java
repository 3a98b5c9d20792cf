package org.holdfast.daemon;

import java.util.Optional;
import org.holdfast.api.EngineFactory;
import org.holdfast.api.RunningEngine;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.transport.TlsIdentity;

/** The engine of a daemon that a test starts as a process. */
public final class TestEngineFactory implements EngineFactory {
  @Override
  public RunningEngine create(DaemonConfiguration configuration, Optional<TlsIdentity> identity) {
    return DaemonFixture.running(new ScriptedEngine());
  }
}
