/**
 * libvirt as Holdfast needs it: look a domain up, read what it is, watch its jobs and its life,
 * migrate it.
 *
 * <p>Every method may be called from any platform thread, several at once; libvirt serialises what
 * must be. libvirt's last error belongs to a thread, and a call and its error are read together
 * within one method here: so nothing here may run on a virtual thread, which could change its
 * carrier in between.
 */
@NullMarked
package org.holdfast.libvirt;

import org.jspecify.annotations.NullMarked;
