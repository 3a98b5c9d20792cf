/**
 * The command {@code holdfast}: virsh's habits, the daemon's services. It starts for each use, so
 * it loads little; it decides nothing the daemon could decide.
 */
@NullMarked
package org.holdfast.command;

import org.jspecify.annotations.NullMarked;
