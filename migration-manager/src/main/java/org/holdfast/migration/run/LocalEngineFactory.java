package org.holdfast.migration.run;

import io.grpc.BindableService;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.access.Caller;
import org.holdfast.api.EngineFactory;
import org.holdfast.api.MigrationEngine;
import org.holdfast.api.RunningEngine;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.journal.Journal;
import org.holdfast.migration.transfer.TlsPeers;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.v1.ArriveRequest;
import org.holdfast.proto.v1.ArriveResponse;
import org.holdfast.takeover.HostNetwork;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.host.LinuxHostNetwork;
import org.holdfast.takeover.spool.SpoolSpace;
import org.holdfast.transport.ProductVersion;
import org.holdfast.transport.TlsIdentity;

/** Makes the engine of a host with libvirt and a Linux network. */
public final class LocalEngineFactory implements EngineFactory {
  @Override
  public RunningEngine create(DaemonConfiguration configuration, Optional<TlsIdentity> identity)
      throws ConfigurationException {
    HostNetwork network = openNetwork();
    LibvirtAccess libvirt = openLibvirt(configuration);
    Host host =
        new Host(
            configuration,
            libvirt,
            network,
            new Holdings(bounds(configuration.holding())),
            new TlsPeers(identity),
            SpoolSpace.of(configuration.holding().receiveBytesPerHost()),
            openJournal(configuration),
            new Departures());
    LocalEngine engine = new LocalEngine(host);
    engine.recover();
    if (identity.isPresent()) {
      new Rehearsal(host).start();
    }
    return engine;
  }

  private static HoldBounds bounds(DaemonConfiguration.Holding holding) {
    return new HoldBounds(holding.connectionsPerHost(), holding.sendBytesPerHost());
  }

  private static HostNetwork openNetwork() throws ConfigurationException {
    try {
      return LinuxHostNetwork.ofThisProcess();
    } catch (TakeoverException failure) {
      throw new ConfigurationException(
          "This host cannot hold connections: " + failure.getMessage(), failure);
    }
  }

  private static Journal openJournal(DaemonConfiguration configuration)
      throws ConfigurationException {
    try {
      return Journal.open(configuration.history().journal());
    } catch (IOException e) {
      throw new ConfigurationException(
          "history.journal: "
              + e.getMessage()
              + ". A daemon without a journal would lose what it holds; see to the file.",
          e);
    }
  }

  private static LibvirtAccess openLibvirt(DaemonConfiguration configuration)
      throws ConfigurationException {
    try {
      return LibvirtAccess.open(configuration.libvirtUri());
    } catch (LibvirtFailure failure) {
      throw new ConfigurationException(
          "libvirt cannot be reached: " + failure.getMessage() + ".", failure);
    }
  }

  private static final class LocalEngine implements RunningEngine {
    private final Host host;
    private final LocalMigrationEngine engine;
    private final IncomingMigrations incoming;

    private LocalEngine(Host host) {
      this.host = host;
      this.engine = new LocalMigrationEngine(host);
      this.incoming = new IncomingMigrations(host, ProductVersion.current());
      host.libvirtAccess().listen(new StoppedDomains(host, engine));
    }

    private void recover() {
      Recovery recovery = new Recovery(host, engine, incoming);
      recovery.takeUp();
      recovery.begin();
    }

    @Override
    public MigrationEngine engine() {
      return engine;
    }

    @Override
    public List<BindableService> hostServices() {
      return List.of(new TransferServer(incoming, host.holdings(), this::arrived));
    }

    /** While this host's libvirt cannot say where the domain is nobody is let run it. */
    private ArriveResponse.Verdict arrived(ArriveRequest request, Caller caller) {
      String id = request.getMigrationId();
      if (request.getClaimsNoMore() && host.departures().isTargetOf(id, caller)) {
        host.holdings().ofMigration(id).ifPresent(ClaimBound::targetGaveUp);
      }
      UUID domain = IncomingMigrations.uuid(request.getDomainUuid());
      try {
        return host.departures()
            .arrived(id, caller, () -> host.libvirt().find(domain).map(VirtualMachine::state));
      } catch (LibvirtFailure unknown) {
        return ArriveResponse.Verdict.VERDICT_ASK_AGAIN;
      }
    }

    /**
     * Nothing is rolled back and nothing given up: a daemon that is stopped leaves everything as
     * one that is killed does, and the next one goes on from there. That way is tried often.
     */
    @Override
    public void close() {
      host.peers().close();
    }
  }
}
