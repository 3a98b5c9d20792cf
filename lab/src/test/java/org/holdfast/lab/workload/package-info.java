@NullMarked
package org.holdfast.lab.workload;

import org.jspecify.annotations.NullMarked;
