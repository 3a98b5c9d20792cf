/**
 * End-to-end tests: they migrate real VMs between real KVM hosts. All of them share one lab,
 * started by {@link org.holdfast.lab.endtoend.LabExtension} when the first one needs it.
 */
@NullMarked
package org.holdfast.lab.endtoend;

import org.jspecify.annotations.NullMarked;
