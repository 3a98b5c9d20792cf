/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.libvirt;

import org.jspecify.annotations.NullMarked;
