/**
 * Who may do what, decided in one place: {@link org.holdfast.access.AccessControl} stands before
 * every call that comes through any door.
 */
@NullMarked
package org.holdfast.access;

import org.jspecify.annotations.NullMarked;
