/** What the host asks, and what the agent holds between one request and the next. */
@NullMarked
package org.holdfast.agent.session;

import org.jspecify.annotations.NullMarked;
