package org.holdfast.linux;

import java.nio.ByteBuffer;

/**
 * One netlink message (linux/netlink.h, struct nlmsghdr).
 *
 * @param type nlmsg_type
 * @param flags nlmsg_flags
 * @param payload what follows the header, in the machine's byte order, position 0 to limit
 */
public record NetlinkMessage(int type, int flags, ByteBuffer payload) {}
