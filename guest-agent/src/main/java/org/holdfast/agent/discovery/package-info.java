/** Which connections the guest has, who owns them, and which of them can be managed. */
@NullMarked
package org.holdfast.agent.discovery;

import org.jspecify.annotations.NullMarked;
