@NullMarked
package org.holdfast.lab.report;

import org.jspecify.annotations.NullMarked;
