/** The kernel's connection tracking: what firewalls, in guests and on hosts, remember of a flow. */
@NullMarked
package org.holdfast.conntrack;

import org.jspecify.annotations.NullMarked;
