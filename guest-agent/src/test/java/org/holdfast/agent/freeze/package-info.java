@NullMarked
package org.holdfast.agent.freeze;

import org.jspecify.annotations.NullMarked;
