@NullMarked
package org.holdfast.agent;

import org.jspecify.annotations.NullMarked;
