/** Commands that import and export weights and networks. */
@NullMarked
package io.residuum.examples.cli.convert;

import org.jspecify.annotations.NullMarked;
