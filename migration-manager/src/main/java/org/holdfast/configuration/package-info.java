/** What holdfastd.yaml says, as validated values. */
@NullMarked
package org.holdfast.configuration;

import org.jspecify.annotations.NullMarked;
