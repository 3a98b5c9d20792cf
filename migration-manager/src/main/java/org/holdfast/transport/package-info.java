/** How daemons, orchestrators and the local command reach each other: addresses, TLS, channels. */
@NullMarked
package org.holdfast.transport;

import org.jspecify.annotations.NullMarked;
