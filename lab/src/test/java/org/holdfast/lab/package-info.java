/** Tests of the lab's own arithmetic; they need neither docker nor root. */
@NullMarked
package org.holdfast.lab;

import org.jspecify.annotations.NullMarked;
