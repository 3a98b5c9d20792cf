/** What the kernel tells in files. */
@org.jspecify.annotations.NullMarked
package org.holdfast.agent.proc;
