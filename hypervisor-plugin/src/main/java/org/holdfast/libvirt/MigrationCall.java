package org.holdfast.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.libvirt.binding.NativeConnection;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.TypedParameter;
import org.libvirt.TypedStringParameter;
import org.libvirt.TypedUlongParameter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's longest call, on a connection of its own. Of several calls on one connection one reads
 * for all. Before libvirt 10.0 it may not hear that another has come (virNetClientIO quits a loop
 * that has not begun to run), and nobody sends that one until the next keepalive, seconds later. A
 * call that is answered soon does no harm that way; this one is not, and while it waits the pace of
 * its job is set and its progress asked for.
 */
final class MigrationCall implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MigrationCall.class);

  private final NativeConnection connection;
  private final UUID domain;

  /**
   * @param uri of the libvirtd that has the domain
   */
  MigrationCall(String uri, UUID domain) throws LibvirtException {
    this.connection = LibvirtConnection.connect(uri);
    this.domain = domain;
  }

  /** Returns when the domain has moved, and its QEMU here is gone. */
  void run(MigrationParameters parameters) throws LibvirtException {
    int flags = 0;
    for (MigrationFlag flag : parameters.flags()) {
      flags |= flag.bit();
    }
    Domain moving = connection.domainLookupByUUID(domain);
    try {
      moving.migrateToURI(parameters.destinationUri(), typed(parameters), flags);
    } finally {
      letGo(moving::free);
    }
  }

  @Override
  public void close() {
    letGo(connection::close);
  }

  private interface LettingGo {
    void run() throws LibvirtException;
  }

  /** What has come of the migration is known by then, and is not to be hidden. */
  private static void letGo(LettingGo step) {
    try {
      step.run();
    } catch (LibvirtException failure) {
      LOG.debug("what a migration needed of libvirt could not be let go", failure);
    }
  }

  private static TypedParameter[] typed(MigrationParameters parameters) {
    List<TypedParameter> typed = new ArrayList<>();
    // Always there: the Java bindings cannot pass an empty array.
    typed.add(
        new TypedUlongParameter(
            Domain.DomainMigrateParameters.VIR_MIGRATE_PARAM_BANDWIDTH,
            parameters.bandwidthMebibytesPerSecond()));
    addText(typed, Domain.DomainMigrateParameters.VIR_MIGRATE_PARAM_URI, parameters.migrateUri());
    addText(
        typed,
        Domain.DomainMigrateParameters.VIR_MIGRATE_PARAM_DEST_NAME,
        parameters.destinationName());
    addText(
        typed,
        Domain.DomainMigrateParameters.VIR_MIGRATE_PARAM_DEST_XML,
        parameters.destinationXml());
    addText(
        typed,
        Domain.DomainMigrateParameters.VIR_MIGRATE_PARAM_PERSIST_XML,
        parameters.persistentXml());
    return typed.toArray(TypedParameter[]::new);
  }

  private static void addText(List<TypedParameter> typed, String name, Optional<String> value) {
    value.ifPresent(text -> typed.add(new TypedStringParameter(name, text)));
  }
}
