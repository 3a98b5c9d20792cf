/** The agent in the guest: finds sockets, freezes their owners, exports, conforms, releases. */
@NullMarked
package org.holdfast.agent;

import org.jspecify.annotations.NullMarked;
