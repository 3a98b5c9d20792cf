/**
 * The one home of calls into the Linux kernel: raw mappings of libc ({@code Libc}, {@code
 * LinuxConstants}) and small typed wrappers around them.
 *
 * <p>JNA stays inside: no type of it appears in a public signature. What belongs to a thread in
 * Linux (the network namespace, errno) belongs to the calling thread here too, so callers use
 * platform threads, never virtual ones.
 */
@NullMarked
package org.holdfast.linux;

import org.jspecify.annotations.NullMarked;
