package org.holdfast.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.proto.v1.LedgerEntry;

/**
 * An engine that moves nothing: domains are those a test names, executions go to the test, which
 * says how they go on. It stands on the engine's side of the seam, so that everything on the other
 * side is the real thing.
 */
public final class ScriptedEngine implements MigrationEngine {
  private final Map<String, DomainIdentity> domains = new HashMap<>();
  private final Map<String, HoldfastException> refusals = new HashMap<>();
  private final Map<String, Consumer<ScriptedExecution>> scripts = new HashMap<>();
  private final BlockingQueue<ScriptedExecution> begun = new LinkedBlockingQueue<>();
  private final List<EngineCommand> commands = new ArrayList<>();
  private List<LedgerEntry> connections = List.of();

  public DomainIdentity domain(String name) {
    DomainIdentity domain =
        new DomainIdentity(
            name, UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    domains.put(name, domain);
    domains.put(domain.uuid().toString(), domain);
    return domain;
  }

  /** What the preflight says about this domain. */
  public void refuse(String domain, HoldfastException refusal) {
    refusals.put(domain, refusal);
  }

  /** What an execution on this domain does at once. */
  public void script(String domain, Consumer<ScriptedExecution> script) {
    scripts.put(domain, script);
  }

  public void connections(List<LedgerEntry> ledger) {
    connections = ledger;
  }

  /** The next execution that begins. */
  public ScriptedExecution next() throws InterruptedException {
    ScriptedExecution next = begun.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing began within 10 s");
    }
    return next;
  }

  public synchronized List<EngineCommand> commands() {
    return List.copyOf(commands);
  }

  @Override
  public DomainIdentity identify(String domain) {
    DomainIdentity known = domains.get(domain);
    if (known == null) {
      throw new HoldfastException(
          ErrorCode.DOMAIN_NOT_FOUND, "There is no domain \"" + domain + "\" on this host.");
    }
    return known;
  }

  private synchronized Execution begin(EngineCommand command) {
    validate(command);
    commands.add(command);
    ScriptedExecution execution = new ScriptedExecution(command.verb(), identify(command.domain()));
    begun.add(execution);
    scripts.getOrDefault(execution.domain().name(), ignored -> {}).accept(execution);
    return execution;
  }

  @Override
  public Execution migrate(MigrateCommand command) {
    return begin(command);
  }

  @Override
  public Execution suspend(SuspendCommand command) {
    return begin(command);
  }

  @Override
  public Execution resume(ResumeCommand command) {
    return begin(command);
  }

  @Override
  public List<String> validate(EngineCommand command) {
    DomainIdentity domain = identify(command.domain());
    HoldfastException refusal = refusals.get(domain.name());
    if (refusal != null) {
      throw refusal;
    }
    return List.of("2 connections would be left to TCP.");
  }

  @Override
  public List<LedgerEntry> connections(String domain) {
    identify(domain);
    return connections;
  }
}
