package org.holdfast.agent.discovery;

/**
 * A process that has a descriptor of a socket.
 *
 * @param pid of the process, in the agent's pid namespace
 * @param descriptor in that process
 */
public record SocketHolder(int pid, int descriptor) {}
