/**
 * What orchestrators and the command call, and the seam to the engine that does the work.
 *
 * <p>{@link org.holdfast.api.MigrationEngine} is all this package knows of migrating; everything
 * else here turns its executions into operations, its errors into gRPC statuses.
 */
@NullMarked
package org.holdfast.api;

import org.jspecify.annotations.NullMarked;
