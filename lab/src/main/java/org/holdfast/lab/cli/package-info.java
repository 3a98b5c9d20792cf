/** The command behind ./lab.sh. It holds no logic of the lab's own: it reads words and prints. */
@NullMarked
package org.holdfast.lab.cli;

import org.jspecify.annotations.NullMarked;
