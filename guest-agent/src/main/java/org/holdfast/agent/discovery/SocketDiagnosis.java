package org.holdfast.agent.discovery;

import java.net.InetSocketAddress;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;

/**
 * What the kernel's sock_diag says of one TCP socket.
 *
 * @param family of the socket and of what it talks
 * @param local this guest's end; a link-local address carries its interface as scope
 * @param peer the other end
 * @param state Linux's
 * @param inode of the socket's file, 0 if no file belongs to it
 * @param receiveQueueBytes received and not read
 * @param sendQueueBytes written and not acknowledged
 * @param userId of its owner
 * @param upperLayer name of its upper layer protocol ("tls", "mptcp"), empty if it has none
 * @param hasMd5Key whether it carries a TCP-MD5 key (RFC 2385)
 */
public record SocketDiagnosis(
    SocketFamily family,
    InetSocketAddress local,
    InetSocketAddress peer,
    TcpState state,
    long inode,
    int receiveQueueBytes,
    int sendQueueBytes,
    int userId,
    String upperLayer,
    boolean hasMd5Key) {}
