/** What an operation tells afterwards: the timeline of its steps and the ledger of connections. */
@NullMarked
package org.holdfast.migration.record;

import org.jspecify.annotations.NullMarked;
