package org.holdfast.migration.journal;

import org.holdfast.migration.state.MigrationState;
import org.holdfast.proto.host.v1.OperationBegun;

/**
 * An operation that the journal has no end of.
 *
 * @param state the last one that was reached
 */
public record Unfinished(String migrationId, OperationBegun begun, MigrationState state) {}
