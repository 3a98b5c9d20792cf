/**
 * What the demonstration found, told three ways: a table for the terminal, one line for scripts,
 * and a page of HTML that stands by itself. All of it is made by pure functions of {@link
 * org.holdfast.lab.report.DemoResult}.
 */
@NullMarked
package org.holdfast.lab.report;

import org.jspecify.annotations.NullMarked;
