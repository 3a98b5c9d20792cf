/** When to take over: policy on job statistics, apart from the libvirt calls that carry it out. */
@NullMarked
package org.holdfast.migration.converge;

import org.jspecify.annotations.NullMarked;
