/** The option {@code --data}, and the tasks and evaluations it builds. */
@NullMarked
package io.residuum.examples.cli.task;

import org.jspecify.annotations.NullMarked;
