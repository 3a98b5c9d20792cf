/** The guest's own firewall: its memory of the connections given back. */
@NullMarked
package org.holdfast.agent.conntrack;

import org.jspecify.annotations.NullMarked;
