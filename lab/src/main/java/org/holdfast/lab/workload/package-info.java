/**
 * Real clients against the real servers of a VM, all at once, and the verdict on what became of
 * each connection.
 *
 * <p>{@link org.holdfast.lab.workload.LoadRun} is the door: start it, run what is to be judged
 * inside {@code phase}, stop it, read the {@link org.holdfast.lab.workload.LoadVerdict}. The
 * clients are Python programs in the peer (and one server in the guest), found beside this package
 * in the resources; they never connect a second time, so that a lost connection stays lost.
 */
@NullMarked
package org.holdfast.lab.workload;

import org.jspecify.annotations.NullMarked;
