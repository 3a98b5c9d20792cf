package org.holdfast.migration.journal;

import java.time.Instant;
import java.util.Optional;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.proto.host.v1.OperationBegun;

/**
 * An operation that the journal has no end of.
 *
 * @param state the last one that was reached
 * @param departed when the target was let run the domain; empty if it was not
 */
public record Unfinished(
    String migrationId, OperationBegun begun, MigrationState state, Optional<Instant> departed) {}
