/**
 * What can break while a VM migrates, how it is broken, and what must be so afterwards. The
 * end-to-end tests try each fault alone; the soak strikes a long run of migrations with them.
 */
@NullMarked
package org.holdfast.lab.fault;

import org.jspecify.annotations.NullMarked;
