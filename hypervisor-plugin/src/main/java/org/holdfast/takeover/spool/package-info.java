/**
 * What copies have received on a VM's behalf and the kernel shall not keep: in memory first, then
 * in a file, within bounds.
 */
@NullMarked
package org.holdfast.takeover.spool;

import org.jspecify.annotations.NullMarked;
