/** The virtio port, seen from the guest. */
@NullMarked
package org.holdfast.agent.channel;

import org.jspecify.annotations.NullMarked;
