/** What the agent says, and what it is told. */
@org.jspecify.annotations.NullMarked
package org.holdfast.agent.session;
