/**
 * A Linux TCP connection as a value, and the operations TCP_REPAIR allows on its socket.
 *
 * <p>Nothing here calls the kernel: {@link org.holdfast.linux} does.
 */
@NullMarked
package org.holdfast.tcp;

import org.jspecify.annotations.NullMarked;
