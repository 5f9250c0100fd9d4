@NullMarked
package io.residuum.spark;

import org.jspecify.annotations.NullMarked;
