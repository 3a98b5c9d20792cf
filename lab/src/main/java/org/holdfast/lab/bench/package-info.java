/** Benchmarks: each against its rival in the same run, because these machines are noisy. */
@NullMarked
package org.holdfast.lab.bench;

import org.jspecify.annotations.NullMarked;
