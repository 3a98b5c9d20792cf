/**
 * Between hosts: {@code holdfast.v1.TransferService}, its client and its server.
 *
 * <p>Both ends only carry; what is held and what may be claimed is decided in {@link
 * org.holdfast.migration.hold}.
 */
@NullMarked
package org.holdfast.migration.transfer;

import org.jspecify.annotations.NullMarked;
