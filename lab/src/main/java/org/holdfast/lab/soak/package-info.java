/**
 * The soak: a VM under load that migrates to and fro, for hours if need be, with faults at random
 * moments. {@link org.holdfast.lab.soak.SoakCommand} is the door.
 */
@NullMarked
package org.holdfast.lab.soak;

import org.jspecify.annotations.NullMarked;
