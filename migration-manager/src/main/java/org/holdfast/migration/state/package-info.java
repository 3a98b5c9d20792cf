/**
 * The one state machine of take over, hold and give back: its states, its events, its table.
 *
 * <p>It decides what may follow what; it does nothing itself.
 */
@NullMarked
package org.holdfast.migration.state;

import org.jspecify.annotations.NullMarked;
