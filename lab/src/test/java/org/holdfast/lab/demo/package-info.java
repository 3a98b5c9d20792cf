@NullMarked
package org.holdfast.lab.demo;

import org.jspecify.annotations.NullMarked;
