@NullMarked
package io.residuum.train.report;

import org.jspecify.annotations.NullMarked;
