package org.holdfast.api;

/** What an operator wants done with a domain. */
public sealed interface EngineCommand permits MigrateCommand, SuspendCommand, ResumeCommand {

  /** Name, UUID or id, as the operator gave it. */
  String domain();

  /** The word for it: "migrate", "suspend" or "resume". */
  String verb();
}
