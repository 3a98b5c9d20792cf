/**
 * What is under way on this host, on disk before it is acted on: so that a daemon that starts after
 * a crash knows what to finish and what to roll back.
 */
@NullMarked
package org.holdfast.migration.journal;

import org.jspecify.annotations.NullMarked;
