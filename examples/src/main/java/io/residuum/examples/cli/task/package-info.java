/** Builds a training task from what a user names on the command line. */
@NullMarked
package io.residuum.examples.cli.task;

import org.jspecify.annotations.NullMarked;
