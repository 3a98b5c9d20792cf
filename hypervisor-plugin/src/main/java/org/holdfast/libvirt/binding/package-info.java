/**
 * The calls of libvirt's C library that its Java bindings lack, as raw mappings and thin wrappers:
 * the one place of this module that knows JNA. No decisions are made here.
 *
 * <p>libvirt keeps the last error per thread: a call and the look at its error must happen on one
 * platform thread, which holds for every method here as for those of the Java bindings.
 */
@NullMarked
package org.holdfast.libvirt.binding;

import org.jspecify.annotations.NullMarked;
