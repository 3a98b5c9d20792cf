/**
 * The operations themselves, in the order in which a migration calls them: {@link
 * org.holdfast.migration.run.Preflight}, {@link org.holdfast.migration.run.MigrateRun}, {@link
 * org.holdfast.migration.run.TakeOver}, on the target {@link
 * org.holdfast.migration.run.IncomingMigration}, and {@link org.holdfast.migration.run.GiveBack}.
 * {@link org.holdfast.migration.run.SuspendRun} and {@link org.holdfast.migration.run.ResumeRun}
 * use the same two verbs without a migration between them.
 */
@NullMarked
package org.holdfast.migration.run;

import org.jspecify.annotations.NullMarked;
