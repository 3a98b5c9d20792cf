/** Netlink messages as bytes: requests are built here, answers are taken apart here. */
@NullMarked
package org.holdfast.netlink;

import org.jspecify.annotations.NullMarked;
