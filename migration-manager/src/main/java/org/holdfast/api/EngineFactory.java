package org.holdfast.api;

import java.util.Optional;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.transport.TlsIdentity;

/**
 * Makes the engine when the daemon starts. holdfastd takes the one that {@link
 * java.util.ServiceLoader} finds.
 */
@FunctionalInterface
public interface EngineFactory {

  /**
   * @param identity to call other hosts with; empty if this host talks to none
   * @throws ConfigurationException the engine cannot work with this configuration on this host; the
   *     message says why and what to do
   */
  RunningEngine create(DaemonConfiguration configuration, Optional<TlsIdentity> identity)
      throws ConfigurationException;
}
