/** Tests of what a soak plans and judges, without a lab. */
@NullMarked
package org.holdfast.lab.soak;

import org.jspecify.annotations.NullMarked;
