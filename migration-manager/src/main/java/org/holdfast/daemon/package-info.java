/** holdfastd: reads its configuration, makes the engine, opens the doors, and closes them again. */
@NullMarked
package org.holdfast.daemon;

import org.jspecify.annotations.NullMarked;
