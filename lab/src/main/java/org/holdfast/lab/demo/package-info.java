/** The demonstration behind {@code ./demo}: one VM, two acts, with Holdfast and without. */
@NullMarked
package org.holdfast.lab.demo;

import org.jspecify.annotations.NullMarked;
