/**
 * Connections held for a VM, and how they are claimed.
 *
 * <p>{@link org.holdfast.migration.hold.Holding} is what the holder has; {@link
 * org.holdfast.migration.hold.Claim} is how whoever runs the VM gets it, on this host or from
 * another.
 */
@NullMarked
package org.holdfast.migration.hold;

import org.jspecify.annotations.NullMarked;
